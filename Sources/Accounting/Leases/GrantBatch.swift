/// What a replica asks of PostgreSQL in one transaction.
package struct GrantBatch: Sendable {
    /// Counts up within a replica. Each lease row keeps the last number, so that the replica can find out later whether
    /// a batch with an unknown outcome was committed.
    package let number: Int64
    package let replicaID: Int64
    package let asks: [LeaseAsk]
    package let snapshot: AdmissionEngine.LeaseSnapshot
    private var openingHeadroom: [Int64: Int64] = [:]

    package init(number: Int64, replicaID: Int64, asks: [LeaseAsk], snapshot: AdmissionEngine.LeaseSnapshot) {
        self.number = number
        self.replicaID = replicaID
        self.asks = asks
        self.snapshot = snapshot
    }

    /// The batch once the windows that its asks open have these ids: it then asks them for money as it asks others. What is
    /// not there is not called back: the call asks once more for that, knowing the windows.
    package func opened(_ ids: [WindowKey: Int64]) -> GrantBatch {
        var (asks, snapshot, headroom) = (asks, snapshot, openingHeadroom)
        for index in asks.indices where !asks[index].openingNeeds.isEmpty {
            var needs = asks[index].alternatives.first ?? []
            for need in asks[index].openingNeeds {
                guard let id = ids[need.key] else { continue }
                needs.append(LeaseAsk.Need(windowID: id, amount: need.amount, holdSeconds: need.holdSeconds))
                let (four, isOver) = need.amount.multipliedReportingOverflow(by: 4)
                headroom[id] = max(headroom[id] ?? 0, isOver ? .max : four)
            }
            (asks[index].alternatives, asks[index].callsBack) = ([needs], false)
            asks[index].openingNeeds = []
        }
        snapshot.headroom.merge(headroom) { $1 }
        var batch = GrantBatch(number: number, replicaID: replicaID, asks: asks, snapshot: snapshot)
        batch.openingHeadroom = headroom
        return batch
    }

    /// The windows from which the batch wants money, sorted: nobody else may take money from these meanwhile.
    package var wantedWindowIDs: [Int64] {
        let asked = asks.flatMap { $0.alternatives.flatMap { $0.map(\.windowID) } }
        return Set(asked).union(snapshot.free.keys).union(snapshot.headroom.keys).sorted()
    }

    /// The wanted windows that calls only look at again while a revocation is under way. Each with how much must be free in
    /// it for the first of them, so that the row is locked only then, or once the revocation is answered.
    package var watched: [(windowID: Int64, leastFree: Int64)] {
        var least: [Int64: Int64] = [:]
        var firm = Set(snapshot.headroom.keys)
        let needs = asks.flatMap { ask in
            ask.alternatives.joined().map { (need: $0, isAwaited: ask.revocations[$0.windowID] != nil) }
        }
        firm.subtract(needs.lazy.map(\.need.windowID))
        for (need, isAwaited) in needs {
            if isAwaited {
                least[need.windowID] = min(least[need.windowID] ?? .max, need.amount)
            } else {
                firm.insert(need.windowID)
            }
        }
        return least.filter { !firm.contains($0.key) }.sorted { $0.key < $1.key }.map { window, amount in
            let own = (snapshot.free[window] ?? 0).plus(snapshot.givenBack[window] ?? 0)
            return (window, amount.minus(own))
        }
    }

    /// The requests whose entries the ledger is asked for.
    package var requests: [RequestName] { asks.compactMap(\.request) }

    /// All windows of the batch, sorted. To those that are not wanted, it only gives money back.
    package var windowIDs: [Int64] {
        snapshot.revoked.union(snapshot.givenBack.keys).union(wantedWindowIDs).sorted()
    }

    /// What PostgreSQL returns when a batch is committed.
    package struct Result: Sendable {
        package let facts: [WindowFacts]
        package let plan: Allocation
        /// By the window's id, the headroom that was wanted of windows that the batch opened.
        package let openingHeadroom: [Int64: Int64]
        /// Those of the batch's requests that have their entry.
        package let settled: Set<RequestName>

        /// - Parameter batch: as it was allocated, knowing the windows that it opened.
        package init(
            facts: [WindowFacts], plan: Allocation, of batch: GrantBatch, settled: Set<RequestName> = []
        ) {
            self.facts = facts
            self.plan = plan
            openingHeadroom = batch.openingHeadroom
            self.settled = settled
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
