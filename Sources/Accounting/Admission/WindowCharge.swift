/// The effect of one committed call on one window.
package struct WindowCharge: Sendable {
    package enum Target: Hashable, Sendable {
        case window(Int64)
        /// A window that may have no row yet.
        case unopened(WindowKey)
    }

    package let target: Target
    /// Whether the budget counts the call. A hold may have charged a budget whose scope does not match the model that
    /// served the call; that budget does not count it.
    package let isCounted: Bool
    /// Added to what the window has spent, in the budget's unit. The money of an unpriced call is 0.
    package let spent: Int64
    /// Taken out of the lease of the replica that made the hold, if this charge is the one that ends the hold.
    package let leaseRelease: Int64
    /// The budget and span that a counted charge is meant for. Where a restore from a backup has lost the window's row,
    /// the charge goes to the row that they have now. Nil if not known.
    package let key: WindowKey?
    /// When it no longer counts, in a rolling window.
    package let leavesAt: Timestamp?

    package init(
        target: Target, isCounted: Bool, spent: Int64, leaseRelease: Int64, key: WindowKey? = nil,
        leavesAt: Timestamp? = nil
    ) {
        self.target = target
        self.isCounted = isCounted
        self.spent = spent
        self.leaseRelease = leaseRelease
        self.key = key
        self.leavesAt = leavesAt
    }
}

/// How a hold ends. It ends only once.
package enum HoldEnd: String, Sendable {
    case settled, voided, expired
}
