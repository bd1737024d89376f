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
            guard
                before?.revision != window.revision || before?.spent != window.spent || before?.leased != window.leased
            else { continue }
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
            let end = database.ends[id]
            if admitted.expiresAtMicroseconds <= simulation.nowMicroseconds || end != nil {
                if case .expired? = end?.how, admitted.expiresAtMicroseconds > simulation.nowMicroseconds {
                    simulation.fail(.noOverspend, "\(admitted.hold.requestID) expired before its time")
                }
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
            if !replica.knowsPast {
                // Until its next heartbeat a replica cannot know that the database was restored from a backup.
                if simulation.nowMicroseconds > restoredAtMicroseconds + Self.noticeMicroseconds {
                    simulation.fail(.noOverspend, "replica \(replicaID) goes on with leases of a lost past")
                }
                continue
            }
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

    // MARK: Restores from a backup

    private var restoredAtMicroseconds: Int64 = 0
    /// The lease time on the slowest clock, and some.
    private static let noticeMicroseconds: Int64 = 12_000_000

    /// The database was restored from a backup: what it has lost is excused, but for what is promised from now on.
    func pastWasLost() {
        restoredAtMicroseconds = simulation.nowMicroseconds
        lastSeen = simulation.database.windows
        simulation.journal.excused.formUnion(simulation.journal.promised.keys)
        simulation.journal.admitted = [:]
    }

    // MARK: Changes of configuration

    func changeWasAnswered(_ version: Int64) {
        for replica in simulation.replicas where replica.maySpend {
            let replicaID = replica.replicaID!
            if !hasConfiguration(replica, since: version), simulation.database.replicas[replicaID]?.state == .live {
                simulation.fail(.noOverspend, "a change was answered that replica \(replicaID) does not have")
            }
        }
    }

    /// A change that not all replicas have in time is answered all the same. Those that nothing disturbs must have it.
    func changeIsOverdue(_ version: Int64) {
        guard simulation.conditions.lossPermille == 0 else { return }
        let calmSince = simulation.nowMicroseconds - 8_000_000
        guard simulation.network.upSinceMicroseconds < calmSince else { return }
        for replica in simulation.replicas where replica.state == .up && replica.undisturbedSince < calmSince {
            if !replica.cannotLoad, !hasConfiguration(replica, since: version) {
                simulation.fail(.changesArrive, "replica \(replica.replicaID!) waits for configuration \(version)")
            }
        }
    }

    private func hasConfiguration(_ replica: SimulatedReplica, since version: Int64) -> Bool {
        let known = replica.update { $0.engine.configuration }
        let stored = simulation.database.configuration
        if known.version == stored.version { return known.budgets.map(\.limit) == stored.budgets.map(\.limit) }
        return known.version >= version
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
        let reachable = simulation.replicas.filter(\.isReachable).map { ($0.replicaID!, $0) }
        let living = Dictionary(reachable) { first, _ in first }
        let balances = simulation.database.configuration.budgets.map { ($0.number, balance(of: $0, living)) }
        return Dictionary(uniqueKeysWithValues: balances)
    }

    private func balance(of budget: Budget, _ living: [Int64: SimulatedReplica]) -> Balance {
        let database = simulation.database
        let key = WindowKey(budgetNumber: budget.number, span: budget.window(containing: simulation.wall))
        guard let id = database.windowIDs[key], let window = database.windows[id] else {
            return Balance(left: budget.limit, unheld: budget.limit)
        }
        var held: Int64 = 0
        for (lease, row) in database.leases where lease.windowID == id && row.amount > 0 {
            // A live replica can give back what it does not hold. A lease of any other replica counts as held.
            let book = living[lease.replicaID]?.books.first { $0.windowID == id }
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

    /// Checks an answer. Returns false where the database has lost the entry since, so that it must be sent again.
    func acknowledged(_ name: String, _ entry: LedgerEntry, _ receipt: Receipt) -> Bool {
        let stored = simulation.database.entries[receipt.entryID]
        if stored == nil, simulation.journal.lostEntries.contains(receipt.entryID) { return false }
        if let known = simulation.journal.acknowledged[name] {
            if known.entryID != receipt.entryID || known.cost != receipt.cost {
                simulation.fail(
                    .nothingLost, "\(entry.requestID) was answered with entry \(known.entryID), then \(receipt.entryID)"
                )
            }
        }
        simulation.journal.acknowledged[name] = receipt
        guard let stored else {
            simulation.fail(.nothingLost, "\(entry.requestID) was acknowledged and is not in the ledger")
            return true
        }
        if stored.posting.key != entry.key || stored.posting.entry.rated.cost != receipt.cost {
            simulation.fail(.nothingLost, "\(entry.requestID) was acknowledged with another entry's answer")
        }
        return true
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
                guard let window = database.windows[id] else {
                    simulation.fail(.nothingLost, "\(entry.requestID) charges window \(id), which is not there")
                    continue
                }
                let unit = database.configuration.scopes.budget(window.key.budgetNumber)!.unit
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
        for replica in simulation.replicas where replica.state == .up {
            if !hasConfiguration(replica, since: .max) {
                simulation.fail(.changesArrive, "replica \(replica.replicaID!) has another configuration in the end")
            }
        }
        lookForVanishedCalls()
    }

    /// Every hold has an end, or its lease was taken back with a record.
    private func lookForVanishedCalls() {
        let database = simulation.database
        for (id, hold) in simulation.journal.promised
        where database.ends[id] == nil && !database.reclaimed.contains(id.replicaID)
            && hold.charges.contains(where: \.isLeased) && !simulation.journal.excused.contains(id)
        {
            simulation.fail(.noCallVanishes, "\(hold.requestID) was admitted and nothing says how it ended")
        }
    }
}
