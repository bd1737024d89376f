/// A window's row in PostgreSQL, from the point of view of this replica. Amounts are in the budget's unit.
package struct WindowFacts: Sendable {
    package let windowID: Int64
    package let key: WindowKey
    package let limit: Int64
    package let spent: Int64
    /// Leased by all replicas, including this one.
    package let leased: Int64
    /// Leased by this replica.
    package let leasedHere: Int64
    /// Leased by replicas that are gone. Their calls may still be running.
    package let leasedByGone: Int64
    /// When the first lease of a gone replica returns.
    package let goneReturnsAt: Timestamp?
    /// When the first of what is spent no longer counts, in a rolling window.
    package let leavesAt: Timestamp?
    /// How often leases of this window have been revoked.
    package let revocation: Int64
    /// Whether a live replica other than this one has not yet answered the last revocation.
    package let isRevocationUnderWay: Bool
    package let revision: Int64

    package init(
        windowID: Int64, key: WindowKey, limit: Int64, spent: Int64, leased: Int64, leasedHere: Int64,
        leasedByGone: Int64 = 0, goneReturnsAt: Timestamp? = nil, leavesAt: Timestamp? = nil, revocation: Int64 = 0,
        isRevocationUnderWay: Bool = false,
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
        self.leavesAt = leavesAt
        self.revocation = revocation
        self.isRevocationUnderWay = isRevocationUnderWay
        self.revision = revision
    }

    /// The most that live replicas other than this one may have idle.
    var leasedByLive: Int64 { leased.minus(leasedHere).minus(leasedByGone) }
}
