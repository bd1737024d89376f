/// What the desk must hear from PostgreSQL before it can judge a call.
package struct LeaseAsk: Sendable {
    /// An amount that must be free in this replica's lease of a window.
    package struct Need: Hashable, Sendable {
        package let windowID: Int64
        package let amount: Int64
        package let holdSeconds: Int64

        package init(windowID: Int64, amount: Int64, holdSeconds: Int64) {
            self.windowID = windowID
            self.amount = amount
            self.holdSeconds = holdSeconds
        }
    }

    /// Windows this replica has not seen yet.
    package var opens: [WindowKey] = []
    /// One list a model of the ladder, best first: all needs of a list, or the next list.
    package var alternatives: [[Need]] = []

    package init(opens: [WindowKey] = [], alternatives: [[Need]] = []) {
        self.opens = opens
        self.alternatives = alternatives
    }
}

/// A window's row as PostgreSQL has it, for this replica.
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
    package let revision: Int64

    package init(
        windowID: Int64, key: WindowKey, limit: Int64, spent: Int64, leased: Int64, leasedHere: Int64,
        leasedByGone: Int64 = 0, goneReturnsAt: Timestamp? = nil, revision: Int64
    ) {
        self.windowID = windowID
        self.key = key
        self.limit = limit
        self.spent = spent
        self.leased = leased
        self.leasedHere = leasedHere
        self.leasedByGone = leasedByGone
        self.goneReturnsAt = goneReturnsAt
        self.revision = revision
    }
}
