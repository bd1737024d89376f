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
        guard returns, round.windowIDs.allSatisfy({ windows[$0] != nil }) else { return nil }
        for key in round.asks.flatMap(\.opens) { _ = open(key) }
        let round = round.opened(windowIDs)
        for id in round.windowIDs {
            let key = LeaseKey(replicaID: round.replicaID, windowID: id)
            if leases[key] == nil { leases[key] = Lease(revocation: windows[id]!.revocation) }
        }
        expireSlots(of: round.wantedWindowIDs)
        let facts = round.windowIDs.map { self.facts($0, for: round.replicaID) }
        let waitedFor = Set(rowsWaitedFor(by: round))
        let unlocked = Set(round.wantedWindowIDs.filter { !waitedFor.contains($0) && isLockedByAnother($0) })
        return Allocation(asks: round.asks, windows: facts, unlocked: unlocked, snapshot: round.snapshot)
    }

    /// The second half of the transaction: writes the rows.
    func carryOut(_ plan: Allocation, _ sent: GrantBatch) -> GrantBatch.Result {
        let round = sent.opened(windowIDs)
        let ids = round.windowIDs
        let waitedFor = Set(rowsWaitedFor(by: round))
        for id in ids {
            let key = LeaseKey(replicaID: round.replicaID, windowID: id)
            var lease = leases[key]!
            if lease.amount == 0 || round.snapshot.revoked.contains(id) { lease.revocation = windows[id]!.revocation }
            lease.round = round.number
            lease.longestHoldSeconds = max(lease.longestHoldSeconds, plan.longestHoldSeconds[id] ?? 0)
            leases[key] = lease
            let givenBack = round.snapshot.givenBack[id] ?? 0
            if waitedFor.contains(id) || plan.grants[id] != nil {
                change(key, by: (plan.grants[id] ?? 0) - givenBack)
            } else {
                leases[key]!.amount -= givenBack
                charge(id, spent: 0, taken: givenBack)
            }
            if plan.revoked.contains(id) { windows[id]!.revocation += 1 }
        }
        let opened = round.asks.flatMap(\.opens).compactMap { windowIDs[$0] }
        let all = Set(ids).union(opened).sorted()
        return GrantBatch.Result(
            facts: all.map { facts($0, for: round.replicaID) }, plan: plan, of: round,
            settled: Set(round.requests.filter { keys[keyName(EntryKey(of: $0))].map { !$0.isEstimated } ?? false }))
    }

    /// The windows whose rows the transaction waits for. It locks the others too, unless somebody else has.
    func rowsWaitedFor(by sent: GrantBatch) -> [Int64] {
        let round = sent.opened(windowIDs)
        let least = Dictionary(uniqueKeysWithValues: round.watched.map { ($0.windowID, $0.leastFree) })
        return round.wantedWindowIDs.filter { id in
            guard let least = least[id], let window = windows[id] else { return true }
            let owes = leases(of: id).contains {
                $0.key.replicaID != round.replicaID && $0.value.amount > 0 && isLive($0.key.replicaID)
                    && $0.value.revocation < window.revocation
            }
            return !owes || window.limit - window.spent - window.leased >= least
        }
    }

    func wasCommitted(_ round: GrantBatch) -> Bool {
        leases.contains { $0.key.replicaID == round.replicaID && $0.value.round >= round.number }
    }
}
