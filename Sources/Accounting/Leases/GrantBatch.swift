/// What a replica asks of PostgreSQL in one transaction.
package struct GrantBatch: Sendable {
    /// Counts up within a replica. Each lease row keeps the last number, so that the replica can find out later whether
    /// a batch with an unknown outcome was committed.
    package let number: Int64
    package let replicaID: Int64
    package let asks: [LeaseAsk]
    package let snapshot: AdmissionEngine.LeaseSnapshot

    package init(number: Int64, replicaID: Int64, asks: [LeaseAsk], snapshot: AdmissionEngine.LeaseSnapshot) {
        self.number = number
        self.replicaID = replicaID
        self.asks = asks
        self.snapshot = snapshot
    }

    /// What PostgreSQL returns when a batch is committed.
    package struct Result: Sendable {
        package let facts: [WindowFacts]
        package let plan: Allocation

        package init(facts: [WindowFacts], plan: Allocation) {
            self.facts = facts
            self.plan = plan
        }
    }

    /// The outcome of a batch that was sent.
    package enum Outcome: Sendable {
        case committed(Result)
        /// Nothing was done. The batch may be sent again.
        case failed
        /// Nothing was done, and PostgreSQL will not accept the batch.
        case refused
        /// The commit was sent and not answered. The result holds if PostgreSQL has committed.
        case unanswered(Result)
        /// The replica was declared gone and no longer owns its leases.
        case gone
    }
}
