import Accounting
import Ledger
import SeededRandom

/// A router. It asks before each call, settles after it, and repeats requests that got no answer.
final class SimulatedClient {
    private let index: Int
    private unowned let simulation: Simulation
    private var requests = 0

    init(index: Int, simulation: Simulation) {
        self.index = index
        self.simulation = simulation
    }

    func start() { later(1_000, 500_000) { [unowned self] in ask() } }

    private func later(_ from: Int64, _ to: Int64, _ body: @escaping () -> Void) {
        simulation.after(simulation.random.int64(from...to), body)
    }

    /// A replica that takes calls; nil where there is none.
    private func anyReplica() -> SimulatedReplica? {
        let replicas = simulation.replicas.filter { $0.state == .up || $0.state == .paused }
        return replicas.isEmpty ? nil : simulation.random.pick(replicas)
    }

    // MARK: Authorizing

    private func ask() {
        guard !simulation.isHealed else { return }
        requests += 1
        let call = nextCall()
        guard let replica = anyReplica() else { return askAgain() }
        let watch = simulation.promises.watch(call)
        let epoch = replica.epoch
        var isAnswered = false
        simulation.after(simulation.random.int64(20...500)) { [unowned self] in
            replica.deliver(epoch) { [unowned self] in
                let askedAt = simulation.nowMicroseconds
                replica.authorize(call) { [unowned self] outcome in
                    // A replica that has not noticed a restore still judges by what was spent in the lost time.
                    if replica.knowsPast {
                        simulation.promises.end(watch, outcome, on: replica)
                    } else {
                        watch.giveUp()
                    }
                    simulation.note(waited: simulation.nowMicroseconds - askedAt, outcome)
                    // Who has given up asks anew already, and hears of nothing more.
                    if isAnswered { return }
                    isAnswered = true
                    let isExcused = !replica.knowsPast
                    let expiresAt = askedAt + replica.leastMicroseconds(ofHoldSeconds: call.holdSeconds)
                    let past = simulation.database.past
                    simulation.after(simulation.random.int64(20...500)) { [unowned self] in
                        heard(outcome, expiresAt, isExcused: isExcused || past != simulation.database.past)
                    }
                }
            }
        }
        // A server that has died never answers.
        simulation.after(2_000_000 + call.waitMilliseconds * 1_000) { [unowned self] in
            guard !isAnswered else { return }
            watch.giveUp()
            isAnswered = true
            ask()
        }
    }

    private func nextCall() -> Call {
        let who = Attribution(
            team: simulation.random.pick(SampleDeployment.teams),
            feature: simulation.random.pick(SampleDeployment.features + ["h"]),
            run: simulation.conditions.areRunsLimited ? simulation.random.pick(SampleDeployment.runs) : nil)
        let inputTokens = simulation.random.int64(1...400)
        let holdSeconds: Int64 = simulation.random.pick([1, 2, 5])
        var (output, least, wait): (Int64, Int64?, Int64) = (0, nil, 0)
        if simulation.conditions.areCallsPatient {
            output = simulation.random.pick([0, simulation.random.int64(1...800)])
            if output > 0, simulation.random.chance(permille: 600) { least = simulation.random.int64(1...output) }
            if simulation.random.chance(permille: 400) { wait = simulation.random.pick([60, 900, 5_000]) }
        }
        return Call(
            requestID: "c\(index)-\(requests)", who: who, model: "model", inputTokens: inputTokens,
            maxOutputTokens: output, minOutputTokens: least, holdSeconds: holdSeconds, waitMilliseconds: wait)
    }

    private func askAgain() { later(1_000, 800_000) { [unowned self] in ask() } }

    private func heard(_ outcome: AuthorizeOutcome?, _ expiresAt: Int64, isExcused: Bool) {
        guard case .verdict(let verdict, _) = outcome, let hold = verdict.hold else {
            if case .verdict = outcome { simulation.note { $0.denied += 1 } }
            return askAgain()
        }
        simulation.note { $0.admitted += 1 }
        if verdict.isClamped { simulation.note { $0.clamped += 1 } }
        simulation.journal.promised[hold.id] = hold
        if isExcused { simulation.journal.excused.insert(hold.id) }
        // An admission that arrives after its hold has expired does not count.
        if !isExcused, expiresAt > simulation.nowMicroseconds {
            simulation.promises.admit(hold, untilMicroseconds: expiresAt)
        }
        if simulation.conditions.areHoldsExtended, simulation.random.chance(permille: 500) {
            later(1_000, 5_000_000) { [unowned self] in extend(hold, more: simulation.random.int(0...3)) }
        }
        switch simulation.random.int(0...99) {
        case 0..<80: later(1_000, 3_000_000) { [unowned self] in settle(hold) }
        case 80..<90: later(1_000, 3_000_000) { [unowned self] in void(hold) }
        default: break
        }
        later(1_000, 1_500_000) { [unowned self] in ask() }
    }

    // MARK: More time

    /// Gives a hold more time through any replica, and some `more` times again.
    private func extend(_ hold: Hold, more: Int) {
        guard let replica = anyReplica() else { return }
        let seconds: Int64 = simulation.random.pick([1, 3, 8, 20])
        let past = simulation.database.past
        replica.deliver(replica.epoch) { [unowned self] in
            let askedAt = simulation.nowMicroseconds
            let isExcused = !replica.knowsPast
            replica.extend(hold, seconds: seconds) { [unowned self] left in
                guard left != nil else { return }
                simulation.note { $0.extended += 1 }
                let isOfThisPast = !isExcused && past == simulation.database.past
                if isOfThisPast, !simulation.journal.excused.contains(hold.id) {
                    simulation.promises.admit(hold, untilMicroseconds: askedAt + seconds * 1_000_000)
                }
                if more > 0 { later(1_000, 8_000_000) { [unowned self] in extend(hold, more: more - 1) } }
            }
        }
    }

    // MARK: Ending holds

    private func settle(_ hold: Hold) {
        let estimate = hold.estimate?.nanodollars ?? 0
        // Some calls use more than they declared.
        let tokens = simulation.random.chance(permille: 50) ? estimate * 2 : simulation.random.int64(0...estimate)
        simulation.journal.unacknowledged += 1
        settle(hold, entry(hold, tokens))
    }

    private func entry(_ hold: Hold, _ tokens: Int64) -> LedgerEntry {
        var entry = LedgerEntry(
            occurredAt: hold.authorizedAt, recordedAt: simulation.wall, source: "settle", requestID: hold.requestID,
            who: hold.who, requestedModel: hold.requestedModel, model: hold.model, tier: hold.tier,
            usage: SampleDeployment.usage(tokens), rated: SampleDeployment.cost(tokens))
        entry.hold = hold
        return entry
    }

    private func name(_ entry: LedgerEntry) -> String { "\(entry.key.owner)\n\(entry.key.id)" }

    /// Sends a settlement to any replica, again and again, until it is acknowledged.
    private func settle(_ hold: Hold, _ entry: LedgerEntry) {
        guard let replica = anyReplica() else {
            return later(100_000, 900_000) { [unowned self] in settle(hold, entry) }
        }
        simulation.journal.sent.insert(name(entry))
        var isAnswered = false
        let epoch = replica.epoch
        simulation.after(simulation.random.int64(20...500)) { [unowned self] in
            replica.deliver(epoch) { [unowned self] in
                replica.settle(entry) { [unowned self] result in
                    guard !isAnswered else { return }
                    isAnswered = true
                    settled(hold, entry, result)
                }
            }
        }
        simulation.after(8_000_000) { [unowned self] in
            guard !isAnswered else { return }
            isAnswered = true
            settle(hold, entry)
        }
    }

    private func settled(_ hold: Hold, _ entry: LedgerEntry, _ result: Result<LedgerOutcome, LedgerFailure>) {
        guard case .success(let outcome) = result else {
            return later(100_000, 900_000) { [unowned self] in settle(hold, entry) }
        }
        switch outcome {
        case .recorded(let receipt), .duplicate(let receipt):
            guard simulation.promises.acknowledged(name(entry), entry, receipt) else {
                return later(100_000, 900_000) { [unowned self] in settle(hold, entry) }
            }
            simulation.journal.unacknowledged -= 1
            simulation.note { $0.settled += 1 }
            simulation.journal.settled[name(entry)] = (index, hold, entry)
            // Some routers repeat settlements that were answered, some of them with other content.
            if simulation.random.chance(permille: 100) {
                later(1_000, 20_000_000) { [unowned self] in repeatSettling(entry) }
            }
        case .conflict, .overflow, .ended, .alreadyEnded, .extended:
            simulation.fail(.nothingLost, "\(entry.requestID) was settled once and answered with a conflict")
        }
    }

    /// Sends an acknowledged settlement again, because the database has lost it.
    func settleAgain(_ hold: Hold, _ entry: LedgerEntry) {
        simulation.journal.unacknowledged += 1
        later(1_000, 10_000_000) { [unowned self] in settle(hold, entry) }
    }

    private func repeatSettling(_ entry: LedgerEntry) {
        guard let replica = anyReplica() else { return }
        // Where an entry may have been lost, other content under its id would be recorded.
        let isOther = simulation.random.chance(permille: 300) && !simulation.conditions.restores
        var repeated = entry
        if isOther, let cost = entry.rated.cost {
            repeated.usage = SampleDeployment.usage(cost.nanodollars + 1)
            repeated.rated = SampleDeployment.cost(cost.nanodollars + 1)
        }
        let name = name(entry)
        replica.deliver(replica.epoch) { [unowned self] in
            replica.settle(repeated) { [unowned self] result in
                guard case .success(let outcome) = result else { return }
                switch outcome {
                case .duplicate(let receipt) where !isOther, .conflict(let receipt) where isOther:
                    _ = simulation.promises.acknowledged(name, entry, receipt)
                case .recorded(let receipt) where simulation.database.past > 0:
                    _ = simulation.promises.acknowledged(name, entry, receipt)
                default: simulation.fail(.nothingLost, "\(entry.requestID) again was answered with \(outcome)")
                }
            }
        }
    }

    private func void(_ hold: Hold) {
        guard let replica = anyReplica() else { return }
        replica.deliver(replica.epoch) { replica.void(hold) { _ in } }
    }
}
