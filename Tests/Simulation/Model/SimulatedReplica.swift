import Accounting
import Ledger
import SeededRandom

/// One server: the real replica core with clocks of its own. The simulated network connects it to PostgreSQL.
final class SimulatedReplica {
    enum State { case up, paused, draining, down }

    let index: Int
    private(set) var state = State.down {
        didSet { simulation.promises.touch(self) }
    }
    private var core: Core?

    /// Holds the core by reference, so that reading it copies nothing.
    private final class Core {
        var value: ReplicaCore

        init(_ value: ReplicaCore) { self.value = value }
    }
    /// Counts the starts, so that a message for an earlier start does not reach a later one.
    private(set) var epoch = 0
    /// How far the replica's wall clock is ahead.
    private(set) var skewSeconds: Int64
    /// How much slower the replica's monotonic clock runs, in parts per million.
    let slownessPPM: Int64

    /// The version of the configuration that was read last.
    private(set) var loadedVersion: Int64 = 0
    /// Whether its requests for the configuration fail.
    var cannotLoad = false {
        didSet { undisturbedSince = simulation.nowMicroseconds }
    }
    /// Since when it has been up and able to load the configuration, in microseconds of the run.
    private(set) var undisturbedSince: Int64 = 0

    unowned let simulation: Simulation
    private var inbox = SimulatedInbox()
    private var nextTicket: Int64 = 0
    private var waiting: [Int64: (AuthorizeOutcome?) -> Void] = [:]
    private var settling: [Int64: (Result<LedgerOutcome, LedgerFailure>) -> Void] = [:]
    /// Messages that reached the replica while it was paused.
    private var held: [() -> Void] = []
    private var nextPumpMicroseconds = Int64.max

    init(index: Int, simulation: Simulation) {
        self.index = index
        self.simulation = simulation
        let drifts = simulation.conditions.clocksDrift
        skewSeconds = drifts ? simulation.random.int64(-3...3) : 0
        slownessPPM = drifts ? simulation.random.int64(-50_000...50_000) : 0
    }

    var isReachable: Bool { state == .up || state == .draining }
    var replicaID: Int64? { core == nil ? nil : update { $0.replicaID } }

    /// Whether the replica may spend the money it believes it has.
    var maySpend: Bool {
        guard isReachable, core != nil else { return false }
        let moment = moment
        return update { $0.maySpend(at: moment) }
    }

    /// Whether it has registered since the database was last restored from a backup.
    var knowsPast: Bool { replicaID.map { simulation.database.pasts[$0] == simulation.database.past } ?? true }

    func stepClock(bySeconds seconds: Int64) { skewSeconds += seconds }

    /// The true time that a hold of some seconds lasts at least. It is measured by the clock of its maker.
    func leastMicroseconds(ofHoldSeconds seconds: Int64) -> Int64 {
        seconds * 1_000_000 * 1_000_000 / (1_000_000 + max(0, -slownessPPM)) - 1_000
    }

    /// The time on the replica's own clocks.
    var moment: Moment {
        let elapsed = simulation.nowMicroseconds
        return Moment(
            wall: simulation.wall.adding(seconds: skewSeconds),
            monotonicNanoseconds: elapsed * 1_000 - elapsed * slownessPPM / 1_000)
    }

    /// The true time at which the replica's monotonic clock will show `nanoseconds`.
    private func microseconds(atMonotonic nanoseconds: Int64) -> Int64 {
        nanoseconds / (1_000_000 - slownessPPM) * 1_000 + 1_000
    }

    // MARK: Start and end

    func start() {
        epoch += 1
        state = .up
        inbox = SimulatedInbox()
        (waiting, settling, held) = ([:], [:], [])
        nextPumpMicroseconds = .max
        let replicaID = simulation.database.register()
        let engine = AdmissionEngine(replicaID: replicaID, configuration: simulation.database.configuration)
        (loadedVersion, undisturbedSince) = (engine.configuration.version, simulation.nowMicroseconds)
        core = Core(ReplicaCore(engine))
        core!.value.acknowledged(heartbeatSentAtNanoseconds: moment.monotonicNanoseconds)
        tick(epoch)
        maintain(epoch)
        pump()
        keepBooks()
    }

    /// Every replica does the maintenance from time to time, as if the leader changed all the time.
    private func maintain(_ epoch: Int) {
        guard epoch == self.epoch, state != .down else { return }
        if isReachable {
            simulation.network.maintain(by: self) { [unowned self] expired in
                deliver(epoch) { [unowned self] in core!.value.expire(expired, at: moment) }
            }
        }
        simulation.after(simulation.random.int64(1_000_000...4_000_000)) { [unowned self] in maintain(epoch) }
    }

    /// Ends at once. Everything in memory is lost.
    func crash() {
        guard state != .down else { return }
        epoch += 1
        (state, core, books, openCharges) = (.down, nil, [], [])
        (handover, isRetiring) = (nil, false)
        simulation.isChanged = true
    }

    func pause() {
        if state == .up { state = .paused }
    }

    func resume() {
        guard state == .paused else { return }
        (state, undisturbedSince) = (.up, simulation.nowMicroseconds)
        let late = held
        held = []
        for body in late { body() }
        pump()
        keepBooks()
    }

    /// Runs `body` when this start of the server gets to it; never where that start has ended meanwhile.
    func deliver(_ epoch: Int, _ body: @escaping () -> Void) {
        guard epoch == self.epoch, state != .down else { return }
        if state == .paused {
            held.append { [unowned self] in deliver(epoch, body) }
        } else {
            body()
            pump()
            keepBooks()
        }
    }

    /// The lease accounts and open holds that the replica believes in, as of the last message that reached it.
    private(set) var books: [AdmissionEngine.LeaseView] = []
    private(set) var openCharges: [(id: HoldID, charges: [Hold.Charge])] = []

    private func keepBooks() {
        simulation.isChanged = true
        simulation.promises.touch(self)
        guard core != nil else { return }
        (books, openCharges) = update { ($0.leaseViews, $0.openCharges) }
        order.saw(update { $0.leases.waitingCalls }, at: simulation.nowMicroseconds)
        guard simulation.trace != nil else { return }
        let books = books.map { "\($0.windowID): \($0.held) held, \($0.idle) idle" }
        let holds = openCharges.map { "\($0.id.number)" }
        simulation.tell(
            "replica \(replicaID!) books \(books.joined(separator: "; ")); holds \(holds.joined(separator: ", "))")
    }

    /// Runs `body` on the core.
    func update<Value>(_ body: (inout ReplicaCore) -> Value) -> Value { body(&core!.value) }

    private func tick(_ epoch: Int) {
        guard epoch == self.epoch, state != .down else { return }
        deliver(epoch) { [unowned self] in
            if simulation.bug == .freeExpiredHoldEarly {
                for hold in core!.value.engine.openHolds where hold.expiresAt <= moment.wall {
                    core!.value.discard(hold)
                }
            }
            if simulation.bug == .expireByWallClock {
                let expired = core!.value.engine.openHolds.filter { $0.expiresAt <= moment.wall }
                core!.value.expire(expired.sorted { $0.id < $1.id }, at: moment)
            }
            while core!.value.tick(at: moment) {}
            endWaits()
        }
        simulation.after(1_000_000) { [unowned self] in tick(epoch) }
    }

    // MARK: Callers

    /// Asks for a verdict. The outcome is nil where none came in time.
    func authorize(_ call: Call, _ done: @escaping (AuthorizeOutcome?) -> Void) {
        let ticket = takeTicket()
        order.came(call, on: replicaID!, at: moment)
        let line = update { $0.leases.waitingCalls }
        if let outcome = core!.value.authorize(call, ticket: ticket, at: moment) {
            lookAtOrder([outcome], line)
            return done(outcome)
        }
        waiting[ticket] = done
        let epoch = epoch
        let patience = call.waitMilliseconds * 1_000
        if patience > 0 {
            simulation.after(patience + 1_000) { [unowned self] in
                deliver(epoch) { [unowned self] in endWaits() }
            }
        }
        simulation.after(patience + 250_000) { [unowned self] in
            deliver(epoch) { [unowned self] in waiting.removeValue(forKey: ticket)?(nil) }
        }
    }

    func settle(_ entry: LedgerEntry, _ done: @escaping (Result<LedgerOutcome, LedgerFailure>) -> Void) {
        let posting = Posting(entry, isOccurredAtGiven: false)
        submit(done) { $0.record(posting, at: $1, done: $2) }
    }

    func void(_ hold: Hold, _ done: @escaping (Result<LedgerOutcome, LedgerFailure>) -> Void) {
        if core!.value.engine.isOfAnotherPast(hold) { return done(.success(.alreadyEnded(.expired))) }
        submit(done) { $0.void(hold, at: $1, done: $2) }
    }

    private func submit(
        _ done: @escaping (Result<LedgerOutcome, LedgerFailure>) -> Void,
        _ queue: (inout ReplicaCore, Moment, @escaping LedgerQueue.Done) -> Bool
    ) {
        let ticket = takeTicket()
        settling[ticket] = done
        let isTaken = queue(&core!.value, moment) { [inbox] in inbox.put(ticket, $0) }
        if !isTaken { settling.removeValue(forKey: ticket)?(.failure(.unavailable)) }
    }

    // MARK: Threads

    /// Does what the server's threads would do now, and plans when they look again.
    func pump() {
        guard isReachable, core != nil else { return }
        if state == .draining { goOnDraining() }
        guard core != nil else { return }
        if simulation.bug == .forgetToFence {
            core!.value.acknowledged(heartbeatSentAtNanoseconds: moment.monotonicNanoseconds)
        }
        let epoch = epoch
        if let request = core!.value.nextGrantBatch(at: moment) {
            simulation.network.send(request, from: self) { [unowned self] outcome in
                deliver(epoch) { [unowned self] in took(outcome, of: request) }
            }
        }
        if let attempt = core!.value.nextAttempt(at: moment) {
            simulation.network.send(attempt, from: self) { [unowned self] outcome in
                deliver(epoch) { [unowned self] in took(outcome) }
            }
        }
        if let request = core!.value.nextHeartbeat(at: moment) {
            simulation.network.send(request, from: self) { [unowned self] answer in
                deliver(epoch) { [unowned self] in
                    simulation.tell("replica \(replicaID!) asked \(request), hears \(answer)")
                    answerCallers(core!.value.took(answer, at: moment))
                    if simulation.bug == .fenceFromAnswer, case .acknowledged(let reply) = answer,
                        !reply.isOnNewTimeline
                    {
                        core!.value.acknowledged(heartbeatSentAtNanoseconds: moment.monotonicNanoseconds)
                    }
                }
            }
        }
        if let request = core!.value.nextControl(at: moment) {
            simulation.network.send(request, from: self) { [unowned self] answer in
                deliver(epoch) { [unowned self] in
                    simulation.tell("replica \(replicaID!) asked \(request), hears \(answer.word)")
                    if case .loaded(let configuration?, _) = answer { loadedVersion = configuration.version }
                    core!.value.took(answer, at: moment)
                }
            }
        }
        let wakes = [
            core!.value.leases.wakeAtNanoseconds, core!.value.ledger.wakeAtNanoseconds,
            core!.value.heartbeats.wakeAtNanoseconds, core!.value.control.wakeAtNanoseconds,
        ]
        if let next = wakes.compactMap(\.self).min() {
            planPump(at: max(simulation.nowMicroseconds + 1, microseconds(atMonotonic: next)))
        }
    }

    private func planPump(at microseconds: Int64) {
        guard microseconds < nextPumpMicroseconds else { return }
        nextPumpMicroseconds = microseconds
        let epoch = epoch
        simulation.at(microseconds) { [unowned self] in
            guard epoch == self.epoch, microseconds == nextPumpMicroseconds else { return }
            nextPumpMicroseconds = .max
            pump()
            keepBooks()
        }
    }

    private func took(_ outcome: SimulatedNetwork.RoundAnswer, of request: LeaseQueue.Request) {
        let answers: [LeaseQueue.Answer]
        let line = update { $0.leases.waitingCalls }
        simulation.tell("replica \(replicaID!) hears of its round: \(outcome)")
        switch (request, outcome) {
        case (.grant(let round), .round(let outcome)): answers = core!.value.took(outcome, of: round, at: moment)
        case (.inquire(let round), .wasCommitted(let wasCommitted)):
            answers = core!.value.learned(wasCommitted: wasCommitted, of: round, at: moment)
        default: preconditionFailure("an answer to another question")
        }
        // A call is judged after the calls before it in the same grant batch, by what they were given.
        keepBooks()
        lookAtOrder(answers.map(\.outcome), line)
        answer(answers)
    }

    private func endWaits() { answer(core!.value.endWaits(at: moment)) }

    private func takeTicket() -> Int64 {
        nextTicket += simulation.bug == .waiterOvertakes ? -1 : 1
        return nextTicket
    }

    /// The order in which calls came.
    var order = OrderOfCalls()

    private func answer(_ answers: [LeaseQueue.Answer]) {
        for answer in answers {
            if let done = waiting.removeValue(forKey: answer.ticket) {
                done(answer.outcome)
            } else if let hold = answer.madeHold {
                // The caller no longer waits for the hold.
                core!.value.discard(hold)
            }
        }
    }

    private func took(_ outcome: LedgerQueue.Outcome) {
        simulation.tell("replica \(replicaID!) hears of its batch: \(outcome.word)")
        answerCallers(core!.value.took(outcome, at: moment))
    }

    private func answerCallers(_ effects: LedgerQueue.Effects) {
        effects.answerCallers()
        for (ticket, result) in inbox.take() { settling.removeValue(forKey: ticket)?(result) }
    }

    func hear(revoked windows: Set<Int64>) {
        if simulation.bug == .ignoreRevocations { return }
        core!.value.hear(revoked: windows)
    }

    // MARK: Graceful shutdown

    func drain() {
        guard state == .up else { return }
        state = .draining
        core!.value.beginDraining(at: moment)
        endWaits()
        if simulation.bug == .dropQueuedSettlesAtShutdown {
            // The buggy server acknowledges queued settlements and commits none of them.
            let receipt = Receipt(entryID: -1, cost: .zero, overrun: .zero, model: "")
            for (_, done) in settling.sorted(by: { $0.key < $1.key }) { done(.success(.recorded(receipt))) }
            crash()
            return
        }
        pump()
    }

    private var handover: ReplicaRegistry.Handover?
    private var isRetiring = false

    private func goOnDraining() {
        if !core!.value.ledger.isClosed { core!.value.close() }
        guard core!.value.ledger.isFinished else { return }
        if handover == nil { handover = core!.value.finishDraining(at: moment) }
        guard core!.value.leases.isIdle, !isRetiring, let handover else { return }
        isRetiring = true
        deregister(handover)
    }

    private func deregister(_ rest: ReplicaRegistry.Handover) {
        let epoch = epoch
        simulation.network.send(.deregister(rest), from: self) { [unowned self] answer in
            guard epoch == self.epoch else { return }
            // Where deregistering failed, the leases return as those of a dead replica do.
            if case .deregistered(let rest?) = answer { deregister(rest) } else { crash() }
        }
    }
}
