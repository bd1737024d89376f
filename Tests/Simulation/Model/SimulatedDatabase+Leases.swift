import Accounting
import Ledger

extension SimulatedDatabase {
    /// Carries out the transaction of `LeaseStore`.
    func grant(_ round: GrantBatch) -> GrantBatch.Outcome {
        guard replicas[round.replicaID]?.state == .live else { return .gone }
        guard let plan = plan(round) else { return .refused }
        return .committed(carryOut(plan, round))
    }

    /// The first half of the transaction: reads the rows and decides. Nil where PostgreSQL refuses a row, because the
    /// replica counts on windows and leases that a restored database lacks.
    func plan(_ round: GrantBatch) -> Allocation? {
        let returns = round.snapshot.givenBack.allSatisfy { id, amount in
            amount <= leases[LeaseKey(replicaID: round.replicaID, windowID: id)]?.amount ?? 0
        }
        guard returns, windows(of: round).allSatisfy({ windows[$0] != nil }) else { return nil }
        for key in round.asks.flatMap(\.opens) { _ = open(key) }
        for id in windows(of: round) {
            let key = LeaseKey(replicaID: round.replicaID, windowID: id)
            if leases[key] == nil { leases[key] = Lease(revocation: windows[id]!.revocation) }
        }
        let facts = windows(of: round).map { self.facts($0, for: round.replicaID) }
        return Allocation(asks: round.asks, windows: facts, snapshot: round.snapshot)
    }

    /// The second half of the transaction: writes the rows.
    func carryOut(_ plan: Allocation, _ round: GrantBatch) -> GrantBatch.Result {
        let ids = windows(of: round)
        for id in ids {
            let key = LeaseKey(replicaID: round.replicaID, windowID: id)
            var lease = leases[key]!
            if lease.amount == 0 || round.snapshot.revoked.contains(id) { lease.revocation = windows[id]!.revocation }
            lease.round = round.number
            lease.longestHoldSeconds = max(lease.longestHoldSeconds, plan.longestHoldSeconds[id] ?? 0)
            leases[key] = lease
            change(key, by: (plan.grants[id] ?? 0) - (round.snapshot.givenBack[id] ?? 0))
            if plan.revoked.contains(id) { windows[id]!.revocation += 1 }
        }
        let opened = round.asks.flatMap(\.opens).compactMap { windowIDs[$0] }
        let all = Set(ids).union(opened).sorted()
        return GrantBatch.Result(facts: all.map { facts($0, for: round.replicaID) }, plan: plan)
    }

    func windows(of round: GrantBatch) -> [Int64] {
        let asked = round.asks.flatMap { $0.alternatives.flatMap { $0.map(\.windowID) } }
        return round.snapshot.windowIDs.union(asked).sorted()
    }

    func wasCommitted(_ round: GrantBatch) -> Bool {
        leases.contains { $0.key.replicaID == round.replicaID && $0.value.round >= round.number }
    }
}
