import Accounting
import Ledger

/// What must hold once all that was begun is completed.
extension Promises {
    func lookAtTheEnd() {
        let database = simulation.database
        if simulation.journal.unacknowledged > 0 {
            simulation.fail(.nothingLost, "\(simulation.journal.unacknowledged) settlements were never answered")
        }
        var names: Set<String> = []
        var spent: [Int64: Int64] = [:]
        let takenBack = Set(database.entries.values.compactMap(\.posting.entry.correctsEntryID))
        for booked in database.entries.values {
            let entry = booked.posting.entry
            let name = "\(entry.key.owner)\n\(entry.key.id)"
            if entry.kind != .reversal, !takenBack.contains(booked.entryID), !names.insert(name).inserted {
                simulation.fail(.nothingLost, "\(entry.requestID) has two entries")
            }
            if entry.kind == .usage, !simulation.journal.sent.contains(name) {
                simulation.fail(.nothingLost, "nobody has sent \(entry.requestID)")
            }
            for id in booked.windowIDs {
                guard let window = database.windows[id] else {
                    simulation.fail(.nothingLost, "\(entry.requestID) charges window \(id), which is not there")
                    continue
                }
                let unit = database.configuration.scopes.budget(window.key.budgetNumber)!.unit
                let amount = unit == .usd ? entry.rated.cost!.nanodollars : entry.usage.quantities.totalTokens
                if !isRolling(window) { spent[id, default: 0] += amount }
            }
        }
        for (id, window) in database.windows.sorted(by: { $0.key < $1.key }) {
            if !isRolling(window), window.spent != spent[id] ?? 0 {
                simulation.fail(.nothingLost, "window \(id) has spent \(window.spent), its entries \(spent[id] ?? 0)")
            }
            if window.leased != 0 {
                simulation.fail(.noFalseDenial, "\(window.leased) of window \(id) stays leased for ever")
            }
        }
        if let replica = replicaBehind {
            simulation.fail(.changesArrive, "replica \(replica.replicaID!) has another configuration in the end")
        }
        if !isCarriedOver { simulation.fail(.noOverspend, "a window inherits something else than what was left") }
        lookForVanishedCalls()
    }

    /// What a rolling window has spent leaves it, and of a call whose clock is far behind it has left before it comes.
    private func isRolling(_ window: SimulatedDatabase.Window) -> Bool {
        simulation.database.configuration.scopes.budget(window.key.budgetNumber)?.period.rolling != nil
    }

    /// Whether every replica has the last configuration. A boost or a month may have ended just now.
    var isConfigurationKnown: Bool { replicaBehind == nil }

    private var replicaBehind: SimulatedReplica? {
        simulation.replicas.first { $0.state == .up && !hasConfiguration($0, since: .max) }
    }

    /// Every hold has an end, or its lease was taken back with a record.
    fileprivate func lookForVanishedCalls() {
        let database = simulation.database
        for (id, hold) in simulation.journal.promised
        where database.ends[id] == nil && !database.reclaimed.contains(id.replicaID)
            && hold.charges.contains(where: \.isLeased) && !simulation.journal.excused.contains(id)
        {
            simulation.fail(.noCallVanishes, "\(hold.requestID) was admitted and nothing says how it ended")
        }
    }
}
