/// A window's row as PostgreSQL has it, for this replica. Amounts are in the budget's unit.
package struct WindowFacts: Sendable {
    package let windowID: Int64
    package let key: WindowKey
    package let limit: Int64
    package let spent: Int64
    /// By all replicas, this one included.
    package let leased: Int64
    /// By this replica.
    package let leasedHere: Int64
    /// By replicas that no longer live; their calls may still be running.
    package let leasedByGone: Int64
    /// When the first of those leases returns.
    package let goneReturnsAt: Timestamp?
    /// How often leases of this window have been called back.
    package let recall: Int64
    /// Whether a live replica other than this one has not yet answered the last recall.
    package let isRecallUnderWay: Bool
    package let revision: Int64

    package init(
        windowID: Int64, key: WindowKey, limit: Int64, spent: Int64, leased: Int64, leasedHere: Int64,
        leasedByGone: Int64 = 0, goneReturnsAt: Timestamp? = nil, recall: Int64 = 0, isRecallUnderWay: Bool = false,
        revision: Int64
    ) {
        self.windowID = windowID
        self.key = key
        self.limit = limit
        self.spent = spent
        self.leased = leased
        self.leasedHere = leasedHere
        self.leasedByGone = leasedByGone
        self.goneReturnsAt = goneReturnsAt
        self.recall = recall
        self.isRecallUnderWay = isRecallUnderWay
        self.revision = revision
    }

    /// What live replicas other than this one may have idle.
    var leasedByLive: Int64 { leased - leasedHere - leasedByGone }
}
