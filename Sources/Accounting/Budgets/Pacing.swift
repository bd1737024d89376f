import Synchronization

/// How a paced budget plans its windows.
package final class Pacing: Sendable {
    /// Nil until two whole weeks of spending are known. Plans then follow time alone.
    package let profile: SpendingProfile?
    private let zone: Zone
    /// The plans of the newest windows: the current one, and the next one, which is known a little ahead.
    private let recent = Mutex<[SpendingPlan]>([])
    private static let recentCount = 2

    package init(_ profile: SpendingProfile?, in zone: Zone) {
        self.profile = profile
        self.zone = zone
    }

    /// The plan of a window; nil if it has no end. It is made once, when the budget is loaded or the window is opened, so
    /// that no verdict makes it.
    package func plan(of span: WindowSpan) -> SpendingPlan? {
        recent.withLock { recent in
            for plan in recent where plan.span == span { return plan }
            guard let plan = SpendingPlan(of: span, profile: profile, in: zone) else { return nil }
            if recent.count == Self.recentCount { recent.removeFirst() }
            recent.append(plan)
            return plan
        }
    }
}
