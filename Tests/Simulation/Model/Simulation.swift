import Accounting
import Ledger
import SeededRandom

/// One run of a deployment with several replicas, decided by its seed alone. Each replica has the real core. The
/// database, the network and the clocks are simulated, and everything goes wrong that the run's conditions allow. The
/// promises are checked after every step.
package final class Simulation {
    package let seed: UInt64
    package let bug: DeliberateBug?
    let conditions: RunConditions
    var random: SplitMix64
    let database: SimulatedDatabase
    /// Something has happened since the last check of the promises.
    var isChanged = true
    private(set) var network: SimulatedNetwork!
    private(set) var replicas: [SimulatedReplica] = []
    private(set) var clients: [SimulatedClient] = []
    private(set) var promises: Promises!
    let journal = Journal()

    private var events = EventQueue()
    private(set) var nowMicroseconds: Int64 = 0
    private let startedAt: Timestamp
    /// The faults are over. From now on, all that was begun must be completed.
    private(set) var isHealed = false
    package private(set) var violation: Violation?
    package private(set) var summary = Summary()
    /// Receives what happens, for a person who looks for the cause of a violation.
    package var trace: ((String) -> Void)?

    /// How long the deployment is left without faults and new calls at the end: the lease time, the longest hold and
    /// some rounds of requests.
    static let quietSeconds: Int64 = 60

    /// - Parameter bug: a mistake made on purpose, to check that the simulator finds it.
    /// - Parameter fleet: how many replicas to run on one hot window without faults; nil: as the seed says.
    package init(seed: UInt64, bug: DeliberateBug? = nil, fleet: Int? = nil) {
        self.seed = seed
        self.bug = bug
        random = SplitMix64(seed: seed)
        conditions = RunConditions(&random, seed: seed, bug: bug, fleet: fleet)
        let midnight = Timestamp(rfc3339: "2026-12-01T00:00:00Z")!
        startedAt = midnight.adding(seconds: -conditions.secondsToMidnight)
        database = SimulatedDatabase(
            SampleDeployment.configuration(
                &random, createdAt: startedAt, replicas: fleet, conditions), bug: bug)
        database.now = startedAt
        database.contention = SplitMix64(seed: ~seed)
        network = SimulatedNetwork(self)
        promises = Promises(self)
        replicas = (0..<conditions.replicaCount).map { SimulatedReplica(index: $0, simulation: self) }
        clients = (0..<conditions.clientCount).map { SimulatedClient(index: $0, simulation: self) }
    }

    /// The true time, which is the time on PostgreSQL's clock.
    var wall: Timestamp { Timestamp(microseconds: startedAt.microseconds + nowMicroseconds) }

    // MARK: Time

    func at(_ microseconds: Int64, _ body: @escaping () -> Void) {
        events.plan(at: max(microseconds, nowMicroseconds), body)
    }

    func after(_ microseconds: Int64, _ body: @escaping () -> Void) { at(nowMicroseconds + microseconds, body) }

    /// Runs to the end, or to the first broken promise.
    package func run() -> Violation? {
        // What was still to come holds the simulation.
        defer { events = EventQueue() }
        for replica in replicas { replica.start() }
        for client in clients { client.start() }
        planTrouble()
        let end = conditions.runSeconds * 1_000_000
        at(end) { [unowned self] in heal() }
        let last = end + Self.quietSeconds * 1_000_000
        while violation == nil, let event = events.next(), event.atMicroseconds <= last {
            nowMicroseconds = event.atMicroseconds
            database.now = wall
            event.body()
            summary.steps += 1
            if isChanged { promises.look() }
            if isQuiet { break }
        }
        if violation == nil { promises.lookAtTheEnd() }
        return violation
    }

    /// All that was begun is completed before the end of the quiet time.
    private var isQuiet: Bool {
        isHealed && journal.unacknowledged == 0 && nowMicroseconds > (conditions.runSeconds + 15) * 1_000_000
            && summary.steps % 64 == 0 && promises.isNothingLeft && promises.isCarriedOver
            && promises.isConfigurationKnown
    }

    /// Checks the promises within a step too, where rows have changed.
    func look() { promises.look() }

    func fail(_ promise: Violation.Promise, _ what: String) {
        if violation == nil {
            violation = Violation(seed: seed, promise: promise, what: what, microseconds: nowMicroseconds)
        }
    }

    /// Notes how long a call waited for its verdict.
    func note(waited microseconds: Int64, _ outcome: AuthorizeOutcome?) {
        summary.longestWaitMicroseconds = max(summary.longestWaitMicroseconds, microseconds)
        summary.waits.add(microseconds: microseconds)
        if outcome == nil { summary.unanswered += 1 }
    }

    /// Counts what happened, so that two runs of one seed can be compared.
    func note(_ change: (inout Summary) -> Void) { change(&summary) }

    func tell(_ line: @autoclosure () -> String) {
        guard let trace else { return }
        trace("\(Violation.seconds(nowMicroseconds)) \(line())")
    }

    // MARK: Faults

    private func planTrouble() {
        func now(and then: Double, _ body: @escaping () -> Void) {
            var at = Int64(0)
            while true {
                at += random.int64(1_000_000...Int64(then * 2_000_000))
                guard at < conditions.runSeconds * 1_000_000 else { return }
                self.at(at, body)
            }
        }
        if conditions.crashes { now(and: 12) { [unowned self] in crash() } }
        if conditions.pauses { now(and: 12) { [unowned self] in pause() } }
        if conditions.drains { now(and: 10) { [unowned self] in restartInOrder() } }
        if conditions.databaseCrashes { now(and: 15) { [unowned self] in databaseGoesDown() } }
        if conditions.restores { now(and: conditions.restoreSeconds) { [unowned self] in restoreLater() } }
        if conditions.clocksStep { now(and: 8) { [unowned self] in stepClock() } }
        if conditions.failingLoads { now(and: 15) { [unowned self] in keepFromLoading() } }
        if conditions.budgetChanges { now(and: 5) { [unowned self] in changeBudget() } }
        if conditions.areBudgetsBoosted { now(and: 6) { [unowned self] in boostBudget() } }
        if conditions.areFeaturesMoved { now(and: 5) { [unowned self] in moveFeature() } }
    }

    private func crash() {
        let replica = random.pick(replicas)
        tell("server \(replica.index) crashes")
        replica.crash()
        note { $0.crashes += 1 }
        after(random.int64(100_000...20_000_000)) { [unowned self] in startIfDown(replica) }
    }

    private func startIfDown(_ replica: SimulatedReplica) {
        // A server cannot start without its database.
        guard network.isDatabaseUp else { return after(500_000) { [unowned self] in startIfDown(replica) } }
        if replica.state == .down { replica.start() }
    }

    private func pause() {
        let replica = random.pick(replicas)
        tell("server \(replica.index) is stopped")
        replica.pause()
        after(random.pick([500_000, 9_000_000, 14_000_000, 30_000_000])) { [unowned self] in
            tell("server \(replica.index) goes on")
            replica.resume()
        }
    }

    private func restartInOrder() {
        let replica = random.pick(replicas)
        tell("server \(replica.index) is asked to end")
        replica.drain()
        func again() {
            after(500_000) { [unowned self] in
                if replica.state == .down { startIfDown(replica) } else { again() }
            }
        }
        again()
    }

    private func databaseGoesDown() {
        guard network.isDatabaseUp else { return }
        tell("PostgreSQL goes down")
        network.databaseGoesDown()
        let isPromoted = random.chance(permille: 300)
        after(random.pick([300_000, 3_000_000, 15_000_000])) { [unowned self] in
            tell("PostgreSQL comes up\(isPromoted ? ", a promoted standby" : "")")
            network.databaseComesUp(asPromotedStandby: isPromoted)
        }
    }

    /// Takes a backup, to which the database goes back after some seconds.
    private func restoreLater() {
        guard network.isDatabaseUp, !isHealed else { return }
        let backup = database.copy()
        after(random.int64(1_000_000...conditions.oldestBackupSeconds * 1_000_000)) { [unowned self] in
            guard network.isDatabaseUp, !isHealed, backup.past == database.past else { return }
            // PostgreSQL numbers the histories that begin with a recovery. A copy of files or a dump that is put in its
            // place has no new number. Such a restore is noticed by the heartbeats that it lacks.
            let isNoticed = replicas.allSatisfy { replica in
                guard let id = replica.replicaID, let kept = backup.replicas[id]?.heartbeatAt else { return true }
                return replica.update { $0.heartbeats.lastRecordedAt }.map { $0 > kept } ?? false
            }
            let isNewTimeline = random.chance(permille: 500) || !isNoticed
            tell("PostgreSQL is stopped to be restored")
            network.databaseGoesDown()
            after(random.pick([300_000, 3_000_000, 12_000_000])) { [unowned self] in goBack(to: backup, isNewTimeline) }
        }
    }

    private func goBack(to backup: SimulatedDatabase, _ isNewTimeline: Bool) {
        tell("PostgreSQL goes back to its backup\(isNewTimeline ? ", on a new timeline" : "")")
        journal.lostEntries.formUnion(database.entries.keys.filter { backup.entries[$0] == nil })
        database.goBack(to: backup)
        network.databaseComesUp(asPromotedStandby: isNewTimeline)
        promises.pastWasLost()
        let lost = journal.acknowledged.filter { database.entries[$0.value.entryID] == nil }.keys.sorted()
        for name in lost {
            journal.acknowledged[name] = nil
            if let (client, hold, entry) = journal.settled[name] { clients[client].settleAgain(hold, entry) }
        }
        isChanged = true
        note { $0.restores += 1 }
    }

    private func stepClock() {
        let replica = random.pick(replicas)
        let seconds = random.pick([Int64(-3600), -600, -7, 7, 600, 3600])
        tell("the wall clock of server \(replica.index) is set by \(seconds) s")
        replica.stepClock(bySeconds: seconds)
    }

    private func keepFromLoading() {
        let replica = random.pick(replicas)
        tell("server \(replica.index) cannot load the configuration")
        replica.cannotLoad = true
        after(random.pick([3_000_000, 10_000_000, 25_000_000])) { replica.cannotLoad = false }
    }

    /// As `Replica.awaitConfiguration` does.
    private static let rolloutSeconds: Int64 = 15

    private func changeBudget() {
        guard network.isDatabaseUp else { return }
        let number = random.pick(database.configuration.budgets.map(\.number))
        let limit = database.configuration.scopes.budget(number)!.limit
        database.setLimit(random.pick([limit / 2, limit, limit * 2, limit + 500]), of: number)
        tell("budget \(number) gets another limit")
        rollOut()
    }

    private func boostBudget() {
        guard network.isDatabaseUp else { return }
        let number = random.pick(database.configuration.budgets.map(\.number))
        database.boost(number, by: random.pick([500, 3_000, 10_000]), seconds: random.int64(1...15))
        tell("budget \(number) has more for a time")
        rollOut()
    }

    /// Tells the replicas of the last version of the configuration, and waits until all have it.
    func rollOut() {
        let version = database.configuration.version
        tell("configuration \(version)")
        for replica in replicas {
            network.whisper { replica.deliver(replica.epoch) { replica.update { $0.loadConfigurationNow() } } }
        }
        let deadline = nowMicroseconds + Self.rolloutSeconds * 1_000_000
        let past = database.past
        func awaitAnswer() {
            after(20_000) { [unowned self] in
                guard version == database.configuration.version, past == database.past else { return }
                if database.replicasBehind == 0 {
                    promises.changeWasAnswered(version)
                } else if nowMicroseconds > deadline {
                    promises.changeIsOverdue(version)
                } else {
                    awaitAnswer()
                }
            }
        }
        awaitAnswer()
    }

    /// Tells replicas what a grant batch announces.
    func announce(_ plan: Allocation, _ round: GrantBatch) {
        for replica in replicas {
            let epoch = replica.epoch
            if !plan.revoked.isEmpty {
                network.whisper { replica.deliver(epoch) { replica.hear(revoked: plan.revoked) } }
            }
            if !round.snapshot.revoked.isEmpty {
                network.whisper { replica.deliver(epoch) { replica.update { $0.lookAgain() } } }
            }
        }
    }

    private func heal() {
        isHealed = true
        if !network.isDatabaseUp { network.databaseComesUp(asPromotedStandby: false) }
        for replica in replicas {
            replica.cannotLoad = false
            replica.resume()
            startIfDown(replica)
        }
    }
}

/// A broken promise, and the seed that breaks it again.
package struct Violation: CustomStringConvertible, Sendable {
    package enum Promise: String, Sendable {
        case noOverspend = "no overspend"
        case noFalseDenial = "no false denial"
        case nothingLost = "nothing lost, nothing twice"
        case noCallVanishes = "no call vanishes"
        case changesArrive = "changes arrive"
        case servedInOrder = "first come first served"
    }

    package let seed: UInt64
    package let promise: Promise
    package let what: String
    /// When the promise was broken, in microseconds of the run.
    let microseconds: Int64

    package var description: String {
        "seed \(seed), after \(Self.seconds(microseconds)) s: \(promise.rawValue): \(what)"
    }

    static func seconds(_ microseconds: Int64) -> String {
        "\(microseconds / 1_000_000).\(String(microseconds % 1_000_000 + 1_000_000).dropFirst())"
    }
}

/// The counts of a run.
package struct Summary: Hashable, Sendable {
    package var steps = 0
    package var admitted = 0
    /// How often holds were given more time.
    package var extended = 0
    /// Calls that were admitted with less output than they asked for, and after they waited in line.
    package var clamped = 0
    package var admittedFromLine = 0
    package var denied = 0
    package var settled = 0
    /// How often a feature was moved.
    package var moves = 0
    package var crashes = 0
    package var restores = 0
    /// Calls that got no verdict in time.
    package var unanswered = 0
    /// Calls that were denied though their money lay idle for as long as they waited. Only a fleet's run counts them.
    package var deniedWhileIdle = 0
    /// The longest time from a call's arrival to its verdict.
    package var longestWaitMicroseconds: Int64 = 0
    package var waits = WaitCounts()
}
