import Accounting
import Ledger
import SeededRandom

/// The network between replicas and PostgreSQL. It delays and loses messages, and cuts connections in the middle of a
/// commit.
final class SimulatedNetwork {
    enum RoundAnswer {
        case round(GrantBatch.Outcome)
        /// Nil where the replica could not find out.
        case wasCommitted(Bool?)
    }

    /// What happens to one request.
    private enum Fate {
        case arrives
        /// Cut before PostgreSQL received it.
        case lost
        /// Cut after PostgreSQL carried it out.
        case answerLost
        /// Cut while the commit was on its way. The commit never arrives.
        case commitLost
    }

    private unowned let simulation: Simulation
    private(set) var isDatabaseUp = true
    private(set) var upSinceMicroseconds: Int64 = 0
    /// How often PostgreSQL has gone down. A request that was under way at such a moment gets no answer.
    private var outages = 0

    init(_ simulation: Simulation) { self.simulation = simulation }

    func databaseGoesDown() {
        isDatabaseUp = false
        outages += 1
    }

    func databaseComesUp(asPromotedStandby isPromoted: Bool) {
        (isDatabaseUp, upSinceMicroseconds) = (true, simulation.nowMicroseconds)
        if isPromoted {
            simulation.database.timeline += 1
        } else {
            simulation.database.restartedAt = simulation.database.now
        }
    }

    // MARK: Requests

    func send(
        _ request: LeaseQueue.Request, from replica: SimulatedReplica, _ done: @escaping (RoundAnswer) -> Void
    ) {
        switch request {
        case .grant(let round): send(round) { done(.round($0)) }
        case .inquire(let round):
            travel("replica \(round.replicaID) inquires") { [self] fate in
                guard case .arrives = fate else { return back { done(.wasCommitted(nil)) } }
                let answer = simulation.database.wasCommitted(round)
                back {
                    done(.wasCommitted(answer))
                } lost: {
                    done(.wasCommitted(nil))
                }
            }
        }
    }

    private func send(_ round: GrantBatch, _ done: @escaping (GrantBatch.Outcome) -> Void) {
        travel("round \(round.number) of replica \(round.replicaID), gives back \(round.snapshot.givenBack)") {
            [self] fate in
            switch fate {
            case .lost: back { done(.failed) }
            case .commitLost:
                let outcome = simulation.database.copy().grant(round)
                back { [self] in done(unknown(outcome)) }
            case .answerLost:
                let outcome = simulation.database.grant(round)
                back { [self] in done(unknown(outcome)) }
            case .arrives where simulation.bug == .grantWithoutRowLock:
                guard simulation.database.replicas[round.replicaID]?.state == .live,
                    let plan = simulation.database.plan(round)
                else { return back { done(.gone) } }
                simulation.after(delay()) { [self] in
                    let result = simulation.database.carryOut(plan, round)
                    simulation.look()
                    back {
                        done(.committed(result))
                    } lost: { [self] in
                        done(unknown(.committed(result)))
                    }
                }
            case .arrives where simulation.conditions.isFleet: grantInTurn(round, done)
            case .arrives: grant(round, done)
            }
        }
    }

    private func grant(_ round: GrantBatch, _ done: @escaping (GrantBatch.Outcome) -> Void) {
        let outcome = simulation.database.grant(round)
        if case .committed(let result) = outcome { simulation.announce(result.plan, round) }
        back {
            done(outcome)
        } lost: { [self] in
            done(unknown(outcome))
        }
    }

    /// What a replica hears of an outcome whose answer was cut off.
    private func unknown(_ outcome: GrantBatch.Outcome) -> GrantBatch.Outcome {
        guard case .committed(let result) = outcome else { return outcome }
        return simulation.bug == .treatUnknownCommitAsFailed ? .failed : .unanswered(result)
    }

    func send(
        _ attempt: LedgerQueue.Attempt, from replica: SimulatedReplica,
        _ done: @escaping (LedgerQueue.Outcome) -> Void
    ) {
        let unknown: LedgerQueue.Outcome = simulation.bug == .treatUnknownCommitAsFailed ? .failed : .unanswered
        travel("batch \(attempt.batch.number) of replica \(attempt.batch.replicaID)") { [self] fate in
            switch fate {
            case .lost: back { done(.failed) }
            case .commitLost: back { done(unknown) }
            case .answerLost:
                _ = simulation.database.commit(attempt)
                back { done(unknown) }
            case .arrives where simulation.conditions.isFleet: commitInTurn(attempt, done)
            case .arrives:
                let committed = simulation.database.commit(attempt)
                back {
                    done(committed.map { .committed($0, attempt.batch) } ?? .lostPast)
                } lost: {
                    done(unknown)
                }
            }
        }
    }

    // MARK: A fleet's transactions, which wait for each other

    private var locks = RowLocks()

    private func grantInTurn(_ round: GrantBatch, _ done: @escaping (GrantBatch.Outcome) -> Void) {
        let windows = simulation.database.rowsWaitedFor(by: round)
        let patience = RowLocks.patienceMicroseconds
        guard let wait = locks.take(windows, at: simulation.nowMicroseconds, waitingAtMost: patience) else {
            return simulation.after(patience) { [self] in back { done(.failed) } }
        }
        simulation.after(wait + RowLocks.commitMicroseconds) { [self] in
            grant(round, done)
            simulation.look()
        }
    }

    private func commitInTurn(_ attempt: LedgerQueue.Attempt, _ done: @escaping (LedgerQueue.Outcome) -> Void) {
        // What the leases of a hold have set aside is charged without waiting, and only that is charged here.
        locks.takeFree(attempt.batch.chargedWindowIDs, at: simulation.nowMicroseconds)
        simulation.after(RowLocks.commitMicroseconds) { [self] in
            let committed = simulation.database.commit(attempt)
            simulation.look()
            back { done(committed.map { .committed($0, attempt.batch) } ?? .lostPast) }
        }
    }

    func send(
        _ request: HeartbeatQueue.Request, from replica: SimulatedReplica,
        _ done: @escaping (HeartbeatQueue.Answer) -> Void
    ) {
        ask("\(request)", { $0.answer(request) }, orElse: .failed, done)
    }

    func send(
        _ request: ControlQueue.Request, from replica: SimulatedReplica,
        _ done: @escaping (ControlQueue.Answer) -> Void
    ) {
        let known = replica.loadedVersion
        if case .load = request, replica.cannotLoad {
            return simulation.after(delay()) { [self] in back { done(.failed) } }
        }
        ask("\(request)", { $0.answer(request, known: known) }, orElse: .failed, done)
    }

    /// Has the maintenance done, by `replica`. `done` gets the holds that it must end.
    func maintain(by replica: SimulatedReplica, _ done: @escaping ([Hold]) -> Void) {
        ask(
            "maintenance",
            { [simulation] database in
                let version = database.configuration.version
                let expired = database.maintain(replica.moment.wall)
                if database.configuration.version > version { simulation.rollOut() }
                simulation.promises.lookAtRollingWindows()
                return expired
            }, orElse: [], done)
    }

    /// Gives a hold more time. `done` gets the microseconds that it has; nil where it has ended, or where nobody knows.
    func extend(_ hold: Hold, seconds: Int64, _ done: @escaping (Int64?) -> Void) {
        ask("more time for \(hold.requestID)", { $0.extend(hold, seconds: seconds) }, orElse: nil, done)
    }

    private func ask<Answer>(
        _ what: @escaping @autoclosure () -> String, _ answer: @escaping (SimulatedDatabase) -> Answer,
        orElse failed: Answer, _ done: @escaping (Answer) -> Void
    ) {
        travel(what()) { [self] fate in
            switch fate {
            case .lost, .commitLost: back { done(failed) }
            case .answerLost:
                _ = answer(simulation.database)
                back { done(failed) }
            case .arrives:
                let answer = answer(simulation.database)
                back {
                    done(answer)
                } lost: {
                    done(failed)
                }
            }
        }
    }

    /// Delivers a `NOTIFY` message, or loses it.
    func whisper(_ body: @escaping () -> Void) {
        if !simulation.random.chance(permille: simulation.conditions.silencePermille) {
            simulation.after(delay(), body)
        }
    }

    // MARK: Delays and losses

    func delay() -> Int64 { simulation.random.int64(50...simulation.conditions.longestDelayMicroseconds) }

    private func travel(_ what: @escaping @autoclosure () -> String, _ arrive: @escaping (Fate) -> Void) {
        let fate = fate()
        simulation.after(delay()) { [self] in
            guard isDatabaseUp else { return arrive(.lost) }
            let leases = simulation.trace == nil ? nil : simulation.database.leases
            simulation.isChanged = true
            arrive(fate)
            simulation.tell("\(what()): \(fate)")
            if let leases { tellChanges(since: leases) }
            simulation.look()
        }
    }

    private func tellChanges(since leases: Table<SimulatedDatabase.LeaseKey, SimulatedDatabase.Lease>) {
        let changed = simulation.database.leases.filter { $0.value.amount != leases[$0.key]?.amount ?? 0 }
        for (key, lease) in changed.sorted(by: { $0.key < $1.key }) {
            let before = leases[key]?.amount ?? 0
            simulation.tell(
                "in PostgreSQL: window \(key.windowID), lease of \(key.replicaID): \(before) to \(lease.amount)")
        }
    }

    private func fate() -> Fate {
        guard simulation.random.chance(permille: simulation.isHealed ? 0 : simulation.conditions.lossPermille) else {
            return .arrives
        }
        return simulation.random.pick([.lost, .answerLost, .commitLost])
    }

    /// Delivers an answer. Calls `lost` instead where PostgreSQL went down meanwhile.
    private func back(_ done: @escaping () -> Void, lost: (() -> Void)? = nil) {
        let outages = outages
        simulation.after(delay()) { [self] in
            if outages == self.outages { done() } else { (lost ?? done)() }
        }
    }
}
