import Accounting
import Ledger

/// The promises that must hold after every step, whatever happened.
final class Promises {
    private unowned let simulation: Simulation
    private var watches: [Watch] = []

    init(_ simulation: Simulation) { self.simulation = simulation }

    func look() {
        guard simulation.violation == nil else { return }
        simulation.isChanged = false
        lookAtWindows()
        lookAtHolds()
        lookAtReplicas()
        watches.removeAll(where: \.isOver)
        if watches.isEmpty { return }
        let balances = balances
        for watch in watches { watch.look(balances) }
    }

    // MARK: No overspend

    /// Each window as the last check saw it.
    private var lastSeen: [Int64: SimulatedDatabase.Window] = [:]

    private func lookAtWindows() {
        let database = simulation.database
        for (id, window) in database.windows {
            let before = lastSeen[id]
            guard before?.revision != window.revision else { continue }
            lastSeen[id] = window
            let leases = database.leases.reduce(0) { $0 + ($1.key.windowID == id ? $1.value.amount : 0) }
            if leases != window.leased {
                simulation.fail(.noOverspend, "window \(id) has \(window.leased) leased, its leases \(leases)")
            }
            // Spending moves money out of leases or is unreserved. Only grants let the leases grow.
            if window.leased > before?.leased ?? 0, window.spent + window.leased > window.limit {
                simulation.fail(
                    .noOverspend,
                    "window \(id) granted up to \(window.spent) spent + \(window.leased) leased of \(window.limit)")
            }
        }
    }

    /// No hold exceeds its lease: the money promised to a client is there until the hold expires or ends.
    private func lookAtHolds() {
        let database = simulation.database
        var needed: [SimulatedDatabase.LeaseKey: Int64] = [:]
        for (id, admitted) in simulation.journal.admitted {
            if admitted.expiresAtMicroseconds <= simulation.nowMicroseconds || database.ends[id] != nil {
                simulation.journal.admitted[id] = nil
                continue
            }
            for charge in admitted.hold.charges where charge.isLeased {
                needed[.init(replicaID: id.replicaID, windowID: charge.windowID), default: 0] += charge.amount
            }
        }
        for (key, amount) in needed where amount > database.leases[key]?.amount ?? 0 {
            simulation.fail(
                .noOverspend,
                "replica \(key.replicaID) promised \(amount) of window \(key.windowID), its lease has "
                    + "\(database.leases[key]?.amount ?? 0)")
        }
    }

    /// The money that a replica believes it may spend is there.
    private func lookAtReplicas() {
        let database = simulation.database
        for replica in simulation.replicas where replica.maySpend {
            let replicaID = replica.replicaID!
            var rows: [Int64: Int64] = [:]
            for book in replica.books {
                rows[book.windowID] =
                    database.leases[.init(replicaID: replicaID, windowID: book.windowID)]?.amount ?? 0
            }
            for (id, charges) in replica.openCharges where database.ends[id] == nil {
                for charge in charges where charge.isLeased { rows[charge.windowID]? -= charge.amount }
            }
            for book in replica.books where book.idle > max(0, rows[book.windowID]!) {
                simulation.fail(
                    .noOverspend,
                    "replica \(replicaID) thinks it has \(book.idle) of window \(book.windowID) to spend, PostgreSQL "
                        + "says \(rows[book.windowID]!)")
            }
        }
    }

    // MARK: Changes of configuration

    func changeWasAnswered(_ version: Int64) {
        for replica in simulation.replicas where replica.maySpend {
            let (replicaID, known) = replica.update { ($0.replicaID, $0.engine.configuration.version) }
            if known < version, simulation.database.replicas[replicaID]?.state == .live {
                simulation.fail(.noOverspend, "a change was answered that replica \(replicaID) does not have")
            }
        }
    }

    // MARK: No false denial

    /// The state of one budget in the window of the true time.
    struct Balance {
        /// The part of the limit that is not spent.
        var left: Int64
        /// The part of `left` that replicas can spend or give back now: neither held, nor in a lease of an unreachable
        /// replica.
        var unheld: Int64
    }

    private var balances: [Int64: Balance] {
        let balances = simulation.database.configuration.budgets.map { budget in (budget.number, balance(of: budget)) }
        return Dictionary(uniqueKeysWithValues: balances)
    }

    private func balance(of budget: Budget) -> Balance {
        let database = simulation.database
        let key = WindowKey(budgetNumber: budget.number, span: budget.window(containing: simulation.wall))
        guard let id = database.windowIDs[key], let window = database.windows[id] else {
            return Balance(left: budget.limit, unheld: budget.limit)
        }
        var held: Int64 = 0
        for (lease, row) in database.leases where lease.windowID == id && row.amount > 0 {
            let living = simulation.replicas.first { $0.isReachable && $0.replicaID == lease.replicaID }
            // A live replica can give back what it does not hold. A lease of any other replica counts as held.
            let book = living?.books.first { $0.windowID == id }
            held += book.map { max($0.held, row.amount - $0.idle) } ?? row.amount
        }
        let left = window.limit - window.spent
        return Balance(left: left, unheld: left - held)
    }

    /// Follows one call from the request to its verdict.
    func watch(_ call: Call) -> Watch {
        let watch = Watch(call, simulation)
        watch.look(balances)
        watches.append(watch)
        return watch
    }

    func end(_ watch: Watch, _ outcome: AuthorizeOutcome?) {
        watch.look(balances)
        watch.end(outcome)
    }

    // MARK: Nothing lost, nothing twice

    func acknowledged(_ name: String, _ entry: LedgerEntry, _ receipt: Receipt) {
        if let known = simulation.journal.acknowledged[name] {
            if known.entryID != receipt.entryID || known.cost != receipt.cost {
                simulation.fail(
                    .nothingLost, "\(entry.requestID) was answered with entry \(known.entryID), then \(receipt.entryID)"
                )
            }
        }
        simulation.journal.acknowledged[name] = receipt
        guard let stored = simulation.database.entries[receipt.entryID] else {
            return simulation.fail(.nothingLost, "\(entry.requestID) was acknowledged and is not in the ledger")
        }
        if stored.posting.key != entry.key || stored.posting.entry.rated.cost != receipt.cost {
            simulation.fail(.nothingLost, "\(entry.requestID) was acknowledged with another entry's answer")
        }
    }

    /// No money is leased any more, and no hold waits for its end.
    var isNothingLeft: Bool {
        simulation.journal.admitted.isEmpty && simulation.database.windows.values.allSatisfy { $0.leased == 0 }
            && simulation.database.handedOver.isEmpty && simulation.replicas.allSatisfy(\.openCharges.isEmpty)
    }

    func lookAtTheEnd() {
        let database = simulation.database
        if simulation.journal.unacknowledged > 0 {
            simulation.fail(.nothingLost, "\(simulation.journal.unacknowledged) settlements were never answered")
        }
        var names: Set<String> = []
        var spent: [Int64: Int64] = [:]
        for booked in database.entries.values {
            let entry = booked.posting.entry
            let name = "\(entry.key.owner)\n\(entry.key.id)"
            if !names.insert(name).inserted { simulation.fail(.nothingLost, "\(entry.requestID) has two entries") }
            if !simulation.journal.sent.contains(name) {
                simulation.fail(.nothingLost, "nobody has sent \(entry.requestID)")
            }
            for id in booked.windowIDs {
                let unit = database.configuration.scopes.budget(database.windows[id]!.key.budgetNumber)!.unit
                let amount = unit == .usd ? entry.rated.cost!.nanodollars : entry.usage.quantities.totalTokens
                spent[id, default: 0] += amount
            }
        }
        for (id, window) in database.windows.sorted(by: { $0.key < $1.key }) {
            if window.spent != spent[id] ?? 0 {
                simulation.fail(.nothingLost, "window \(id) has spent \(window.spent), its entries \(spent[id] ?? 0)")
            }
            if window.leased != 0 {
                simulation.fail(.noFalseDenial, "\(window.leased) of window \(id) stays leased for ever")
            }
        }
        lookForVanishedCalls()
    }

    /// Every hold has an end, or its lease was taken back with a record.
    private func lookForVanishedCalls() {
        let database = simulation.database
        for (id, hold) in simulation.journal.promised
        where database.ends[id] == nil && !database.reclaimed.contains(id.replicaID)
            && hold.charges.contains(where: \.isLeased)
        {
            simulation.fail(.noCallVanishes, "\(hold.requestID) was admitted and nothing says how it ended")
        }
    }
}
