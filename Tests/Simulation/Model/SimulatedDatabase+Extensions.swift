import Accounting
import Ledger

extension SimulatedDatabase {
    /// Carries out the transaction of `HoldExtensions`: gives a hold more time, and returns how many microseconds it has.
    /// Nil where it has ended.
    func extend(_ hold: Hold, seconds: Int64) -> Int64? {
        let leased = hold.charges.filter { $0.isLeased && $0.amount > 0 }.map {
            (key: LeaseKey(replicaID: hold.id.replicaID, windowID: $0.windowID), amount: $0.amount)
        }
        guard ends[hold.id] == nil, leased.allSatisfy({ leases[$0.key]?.amount ?? 0 >= $0.amount }) else { return nil }
        let expiresAt = max(now.adding(seconds: seconds), extensions[hold.id]?.expiresAt ?? now)
        extensions[hold.id] = (expiresAt, now)
        for (key, _) in leased where bug != .keepLeaseOfExtendedHoldTooShort {
            let longest = expiresAt.secondsCeiling(since: replicas[key.replicaID]!.heartbeatAt)
            leases[key]!.longestHoldSeconds = max(leases[key]!.longestHoldSeconds, longest)
        }
        return expiresAt.microseconds - now.microseconds
    }

    /// How long a hold lasts yet that was given more time.
    func microsecondsLeft(of hold: HoldID) -> Int64? {
        guard let more = extensions[hold], more.expiresAt > now else { return nil }
        return more.expiresAt.microseconds - now.microseconds
    }
}
