/// How a fenced replica answers calls. A replica is fenced once PostgreSQL has not answered it for the lease time.
package struct FencedPolicy: Sendable {
    package enum FailureMode: String, CaseIterable, Sendable { case open, closed }

    /// For hard budgets. If open, the replica admits their calls without a lease, so the budgets may be overspent. The
    /// cost of these calls is recorded in full when they settle.
    package var hard: FailureMode
    package var soft: FailureMode

    package init(hard: FailureMode = .closed, soft: FailureMode = .open) {
        self.hard = hard
        self.soft = soft
    }

    func admits(_ enforcement: Budget.Enforcement) -> Bool {
        switch enforcement {
        case .hard: hard == .open
        case .soft: soft == .open
        case .shadow: true
        }
    }
}
