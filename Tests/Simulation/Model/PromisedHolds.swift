import Accounting
import HeapModule
import Ledger

/// The holds whose money must still be there, and how much of each lease they need in all.
struct PromisedHolds {
    private struct Expiry: Comparable {
        let atMicroseconds: Int64
        let id: HoldID

        static func < (left: Expiry, right: Expiry) -> Bool {
            (left.atMicroseconds, left.id) < (right.atMicroseconds, right.id)
        }
    }

    private var admitted: [HoldID: Journal.Admitted] = [:]
    /// Those that were admitted since the last look.
    private var new: [HoldID] = []
    private var expiries = Heap<Expiry>()
    private var needed: [SimulatedDatabase.LeaseKey: Int64] = [:]

    var isEmpty: Bool { admitted.isEmpty }

    mutating func add(_ hold: Journal.Admitted) {
        let id = hold.hold.id
        remove(id)
        admitted[id] = hold
        new.append(id)
        expiries.insert(Expiry(atMicroseconds: hold.expiresAtMicroseconds, id: id))
        for key in Self.leases(of: hold.hold) { needed[key.key, default: 0] += key.amount }
    }

    private mutating func remove(_ id: HoldID) {
        guard let old = admitted.removeValue(forKey: id) else { return }
        for key in Self.leases(of: old.hold) { needed[key.key]! -= key.amount }
    }

    private static func leases(of hold: Hold) -> [(key: SimulatedDatabase.LeaseKey, amount: Int64)] {
        hold.charges.filter(\.isLeased).map {
            (.init(replicaID: hold.id.replicaID, windowID: $0.windowID), $0.amount)
        }
    }

    /// No hold exceeds its lease: the money promised to a client is there until the hold expires or ends.
    mutating func look(at changes: Changes, _ simulation: Simulation) {
        let database = simulation.database
        while let next = expiries.min, next.atMicroseconds <= simulation.nowMicroseconds {
            expiries.removeMin()
            if admitted[next.id]?.expiresAtMicroseconds == next.atMicroseconds { remove(next.id) }
        }
        for id in changes.ends.union(new) {
            guard let hold = admitted[id], let end = database.ends[id] else { continue }
            if case .expired = end.how {
                simulation.fail(.noOverspend, "\(hold.hold.requestID) expired before its time")
            }
            remove(id)
        }
        var keys = changes.leases
        for id in new { if let hold = admitted[id] { keys.formUnion(Self.leases(of: hold.hold).map(\.key)) } }
        new = []
        for key in keys {
            let (amount, leased) = (needed[key] ?? 0, database.leases[key]?.amount ?? 0)
            guard amount > leased else { continue }
            simulation.fail(
                .noOverspend,
                "replica \(key.replicaID) promised \(amount) of window \(key.windowID), its lease has \(leased)")
        }
    }
}
