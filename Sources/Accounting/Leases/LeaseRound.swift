/// One transaction's worth of asks: what a replica wants of PostgreSQL, all at once.
package struct LeaseRound: Sendable {
    /// Counts up within a replica; each lease keeps the last, so that a round of unknown outcome can be asked after.
    package let number: Int64
    package let replicaID: Int64
    package let asks: [LeaseAsk]
    package let standing: Desk.LeaseStanding

    package init(number: Int64, replicaID: Int64, asks: [LeaseAsk], standing: Desk.LeaseStanding) {
        self.number = number
        self.replicaID = replicaID
        self.asks = asks
        self.standing = standing
    }

    /// What PostgreSQL says when a round is committed.
    package struct Result: Sendable {
        package let facts: [WindowFacts]
        package let plan: GrantPlan

        package init(facts: [WindowFacts], plan: GrantPlan) {
            self.facts = facts
            self.plan = plan
        }
    }

    /// What became of a round that was sent.
    package enum Outcome: Sendable {
        case committed(Result)
        /// Nothing was done, and it may be sent again.
        case failed
        /// Nothing was done, and PostgreSQL will not do it.
        case refused
        /// The commit was sent and not answered; this is what it comes to if it was done.
        case unanswered(Result)
        /// The replica was declared gone: its leases are no longer its own.
        case gone
    }
}
