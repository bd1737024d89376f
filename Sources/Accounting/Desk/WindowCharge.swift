/// What one committed call does to one window.
package struct WindowCharge: Sendable {
    package enum Target: Hashable, Sendable {
        case window(Int64)
        /// A window that may have no row yet.
        case unopened(WindowKey)
    }

    package let target: Target
    /// Whether the budget counts the call; a window of the hold whose scope the served model left does not.
    package let isCounted: Bool
    /// Added to what the window has spent, in the budget's unit; 0 for money of an unpriced call.
    package let spent: Int64
    /// Taken out of the lease of the hold's maker, if this is what ends the hold.
    package let leaseRelease: Int64

    package init(target: Target, isCounted: Bool, spent: Int64, leaseRelease: Int64) {
        self.target = target
        self.isCounted = isCounted
        self.spent = spent
        self.leaseRelease = leaseRelease
    }
}

/// How a hold ends; it ends once.
package enum HoldEnd: String, Sendable {
    case settled, voided, expired
}
