import Accounting
import Ledger

extension SimulatedDatabase {
    /// What `LeaseBank` does in one transaction. Nil where the replica was declared gone.
    func grant(_ round: LeaseRound) -> LeaseRound.Result? {
        guard let plan = plan(round) else { return nil }
        return carryOut(plan, round)
    }

    /// The first half: what is read and decided.
    func plan(_ round: LeaseRound) -> GrantPlan? {
        guard replicas[round.replicaID]?.state == .live else { return nil }
        for key in round.asks.flatMap(\.opens) { _ = open(key) }
        for id in windows(of: round) {
            let key = LeaseKey(replicaID: round.replicaID, windowID: id)
            if leases[key] == nil { leases[key] = Lease(recall: windows[id]!.recall) }
        }
        let facts = windows(of: round).map { self.facts($0, for: round.replicaID) }
        return GrantPlan(asks: round.asks, windows: facts, standing: round.standing)
    }

    /// The second half: what is written.
    func carryOut(_ plan: GrantPlan, _ round: LeaseRound) -> LeaseRound.Result {
        let ids = windows(of: round)
        for id in ids {
            let key = LeaseKey(replicaID: round.replicaID, windowID: id)
            var lease = leases[key]!
            if lease.amount == 0 || round.standing.recalled.contains(id) { lease.recall = windows[id]!.recall }
            lease.round = round.number
            lease.longestHoldSeconds = max(lease.longestHoldSeconds, plan.longestHoldSeconds[id] ?? 0)
            leases[key] = lease
            change(key, by: (plan.grants[id] ?? 0) - (round.standing.givenBack[id] ?? 0))
            if plan.recalled.contains(id) { windows[id]!.recall += 1 }
        }
        let opened = round.asks.flatMap(\.opens).compactMap { windowIDs[$0] }
        let all = Set(ids).union(opened).sorted()
        return LeaseRound.Result(facts: all.map { facts($0, for: round.replicaID) }, plan: plan)
    }

    private func windows(of round: LeaseRound) -> [Int64] {
        let asked = round.asks.flatMap { $0.alternatives.flatMap { $0.map(\.windowID) } }
        return round.standing.windowIDs.union(asked).sorted()
    }

    func wasCommitted(_ round: LeaseRound) -> Bool {
        leases.contains { $0.key.replicaID == round.replicaID && $0.value.round >= round.number }
    }
}
