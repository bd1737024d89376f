/// What a replica says to calls once PostgreSQL has not answered it for the lease time.
package struct WhenFenced: Sendable {
    /// Whether calls that a hard budget counts are admitted all the same: without a lease, so that the budget may be
    /// overspent. What they cost is recorded in full later.
    package var admitsHard: Bool
    /// Whether calls that only soft budgets count go on being admitted.
    package var admitsSoft: Bool

    package init(admitsHard: Bool = false, admitsSoft: Bool = true) {
        self.admitsHard = admitsHard
        self.admitsSoft = admitsSoft
    }

    func admits(_ enforcement: Budget.Enforcement) -> Bool {
        switch enforcement {
        case .hard: admitsHard
        case .soft: admitsSoft
        case .shadow: true
        }
    }
}
