import Accounting
import Ledger

/// The promises that must hold after every step, whatever happened.
final class Promises {
    unowned let simulation: Simulation
    private var holds = PromisedHolds()
    private var balances = Balances()
    /// What was changed since the last look, and since the balances were last refreshed.
    private var unseen = Changes()
    private var unbalanced = Changes()
    /// The indices of replicas whose state or books were changed.
    private var touched: [Int] = []

    init(_ simulation: Simulation) { self.simulation = simulation }

    /// Notes that the state or the books of a replica have changed.
    func touch(_ replica: SimulatedReplica) { touched.append(replica.index) }

    /// Looks at what was changed since the last look. What was not changed keeps its promises.
    func look() {
        guard simulation.violation == nil else { return }
        simulation.isChanged = false
        collect()
        lookAtWindows()
        holds.look(at: unseen, simulation)
        lookAtReplicas()
        unseen = Changes()
        refreshBalances()
    }

    private func collect() {
        let database = simulation.database
        var changes = Changes()
        changes.windows.formUnion(database.windows.takeWritten())
        changes.leases.formUnion(database.leases.takeWritten())
        changes.ends.formUnion(database.ends.takeWritten())
        changes.replicas.formUnion(touched)
        touched.removeAll(keepingCapacity: true)
        unseen.formUnion(changes)
        unbalanced.formUnion(changes)
    }

    private func refreshBalances() {
        balances.refresh(unbalanced, simulation)
        unbalanced = Changes()
    }

    // MARK: No overspend

    /// A client was told that a call is admitted: the money must be there for as long as it was told.
    func admit(_ hold: Hold, untilMicroseconds expiresAt: Int64) {
        simulation.tell(
            """
            \(hold.requestID) is promised until \(Violation.seconds(expiresAt)) by hold \(hold.id.number) of replica \
            \(hold.id.replicaID)
            """)
        holds.add(Journal.Admitted(hold: hold, expiresAtMicroseconds: expiresAt))
    }

    /// Each window and lease as the last look saw it, and what the leases of each window come to.
    private var lastSeen: [Int64: SimulatedDatabase.Window] = [:]
    private var lastLeased: [SimulatedDatabase.LeaseKey: Int64] = [:]
    private var leasedOfWindow: [Int64: Int64] = [:]
    /// What each id of a window has ever meant, also in a past that is lost.
    private var meanings: [Int64: WindowKey] = [:]

    private func lookAtWindows() {
        let database = simulation.database
        for key in unseen.leases {
            let amount = database.leases[key]?.amount ?? 0
            leasedOfWindow[key.windowID, default: 0] += amount - (lastLeased[key] ?? 0)
            lastLeased[key] = amount
        }
        for id in unseen.windows {
            guard let window = database.windows[id] else { continue }
            if let meant = meanings.updateValue(window.key, forKey: id), meant != window.key {
                simulation.fail(.nothingLost, "window \(id) has the id of one that is lost, which jobs may still name")
            }
            if database.windowIDs[window.key] != id {
                simulation.fail(.noOverspend, "window \(id) is not the only one of its budget, value and time")
            }
            let before = lastSeen[id]
            guard
                before?.revision != window.revision || before?.spent != window.spent || before?.leased != window.leased
            else { continue }
            lastSeen[id] = window
            let leases = leasedOfWindow[id] ?? 0
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

    /// The id of each replica when it was last looked at.
    private var knownIDs: [Int: Int64] = [:]

    /// The money that a replica believes it may spend is there.
    private func lookAtReplicas() {
        lookForLatecomers()
        for index in unseen.replicas { knownIDs[index] = simulation.replicas[index].replicaID }
        let ids = Set(unseen.leases.map(\.replicaID)).union(unseen.ends.map(\.replicaID))
        let concerned = ids.isEmpty ? [] : knownIDs.filter { ids.contains($0.value) }.keys.map(\.self)
        for index in unseen.replicas.union(concerned) { lookAt(simulation.replicas[index]) }
    }

    private func lookAt(_ replica: SimulatedReplica) {
        guard replica.maySpend, replica.knowsPast else { return }
        let (database, replicaID) = (simulation.database, replica.replicaID!)
        var rows: [Int64: Int64] = [:]
        for book in replica.books {
            rows[book.windowID] = database.leases[.init(replicaID: replicaID, windowID: book.windowID)]?.amount ?? 0
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

    // MARK: Restores from a backup

    private var restoredAtMicroseconds: Int64 = 0
    /// The lease time on the slowest clock, and some.
    private static let noticeMicroseconds: Int64 = 12_000_000

    /// Until its next heartbeat a replica cannot know that the database was restored from a backup.
    private func lookForLatecomers() {
        guard simulation.database.past > 0,
            simulation.nowMicroseconds > restoredAtMicroseconds + Self.noticeMicroseconds
        else { return }
        for replica in simulation.replicas where replica.maySpend && !replica.knowsPast {
            simulation.fail(.noOverspend, "replica \(replica.replicaID!) goes on with leases of a lost past")
        }
    }

    /// The database was restored from a backup: what it has lost is excused, but for what is promised from now on.
    func pastWasLost() {
        let database = simulation.database
        restoredAtMicroseconds = simulation.nowMicroseconds
        lastSeen = Dictionary(uniqueKeysWithValues: database.windows.map { ($0.key, $0.value) })
        simulation.journal.excused.formUnion(simulation.journal.promised.keys)
        holds = PromisedHolds()
        // Every lease may be another, also one that is no longer there.
        var all = Changes()
        all.leases = Set(lastLeased.keys).union(database.leases.keys)
        all.replicas.formUnion(simulation.replicas.map(\.index))
        unseen.formUnion(all)
        unbalanced.formUnion(all)
    }

    // MARK: Changes of configuration

    func changeWasAnswered(_ version: Int64) {
        for replica in simulation.replicas where replica.maySpend {
            let replicaID = replica.replicaID!
            guard simulation.database.replicas[replicaID]?.state == .live else { continue }
            if !hasConfiguration(replica, since: version) || !hasLimits(replica) {
                simulation.fail(.noOverspend, "a change was answered that replica \(replicaID) does not have")
            }
        }
    }

    /// A change that not all replicas have in time is answered all the same. Those that nothing disturbs must have it.
    func changeIsOverdue(_ version: Int64) {
        guard simulation.conditions.lossPermille == 0 else { return }
        let calmSince = simulation.nowMicroseconds - 8_000_000
        guard simulation.network.isDatabaseUp, simulation.network.upSinceMicroseconds < calmSince else { return }
        for replica in simulation.replicas where replica.state == .up && replica.undisturbedSince < calmSince {
            if !replica.cannotLoad, !hasConfiguration(replica, since: version) {
                simulation.fail(.changesArrive, "replica \(replica.replicaID!) waits for configuration \(version)")
            }
        }
    }

    func hasConfiguration(_ replica: SimulatedReplica, since version: Int64) -> Bool {
        let known = replica.update { $0.engine.configuration }
        let stored = simulation.database.configuration
        if known.version == stored.version {
            return known.budgets.map(\.limit) == stored.budgets.map(\.limit)
                && known.budgets.map(\.scope) == stored.budgets.map(\.scope)
        }
        return known.version >= version
    }

    /// Whether a replica knows the limits that windows have now.
    private func hasLimits(_ replica: SimulatedReplica) -> Bool {
        !replica.knowsPast
            || replica.books.allSatisfy { book in
                simulation.database.windows[book.windowID].map { $0.limit == book.limit } ?? true
            }
    }

    // MARK: No false denial

    /// Follows one call from the request to its verdict.
    func watch(_ call: Call) -> Watch {
        collect()
        refreshBalances()
        return Watch(call, since: balances.begin(), simulation)
    }

    func end(_ watch: Watch, _ outcome: AuthorizeOutcome?, on replica: SimulatedReplica) {
        collect()
        refreshBalances()
        watch.end(outcome, balances, on: replica)
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
        lookAtBudgets(of: stored)
        return true
    }

    /// The budgets that have admitted a call count it, also where its feature was moved meanwhile. All models are one here,
    /// so nothing else takes a call out of a budget.
    private func lookAtBudgets(of stored: BookedEntry) {
        let windows = simulation.database.windows
        let counting = Set(stored.windowIDs.compactMap { windows[$0]?.key.budgetNumber })
        for charge in stored.posting.hold?.charges ?? [] where !counting.contains(charge.budgetNumber) {
            simulation.fail(
                .nothingLost,
                "\(stored.posting.entry.requestID) was admitted by budget \(charge.budgetNumber), which does not count it"
            )
        }
    }

    /// No money is leased any more, and no hold waits for its end.
    var isNothingLeft: Bool {
        holds.isEmpty && simulation.database.windows.values.allSatisfy { $0.leased == 0 }
            && simulation.database.handedOver.isEmpty && simulation.replicas.allSatisfy(\.openCharges.isEmpty)
    }
}
