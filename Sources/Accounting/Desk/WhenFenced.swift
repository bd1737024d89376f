/// What a replica says to calls once PostgreSQL has not answered it for the lease time.
package struct WhenFenced: Sendable {
    package enum Door: String, CaseIterable, Sendable { case open, closed }

    /// Open: calls that a hard budget counts are admitted all the same, without a lease, so that it may be overspent.
    /// What they cost is recorded in full when they settle.
    package var hard: Door
    package var soft: Door

    package init(hard: Door = .closed, soft: Door = .open) {
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
