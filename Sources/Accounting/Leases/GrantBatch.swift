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

    /// The windows from which the batch wants money, sorted: nobody else may take money from these meanwhile.
    package var wantedWindowIDs: [Int64] {
        let asked = asks.flatMap { $0.alternatives.flatMap { $0.map(\.windowID) } }
        return Set(asked).union(snapshot.free.keys).union(snapshot.headroom.keys).sorted()
    }

    /// All windows of the batch, sorted. To those that are not wanted, it only gives money back.
    package var windowIDs: [Int64] {
        snapshot.revoked.union(snapshot.givenBack.keys).union(wantedWindowIDs).sorted()
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
