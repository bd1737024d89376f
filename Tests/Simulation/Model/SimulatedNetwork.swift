import Accounting
import Ledger
import SeededRandom

/// The way between replicas and PostgreSQL: it delays, loses, and cuts in the middle of a commit.
final class SimulatedNetwork {
    enum RoundAnswer {
        case round(LeaseRound.Outcome)
        /// Nil where it could not be found out.
        case wasCommitted(Bool?)
    }

    /// What becomes of one request.
    private enum Fate {
        case arrives
        /// Cut before PostgreSQL got it.
        case lost
        /// Cut after it was carried out.
        case answerLost
        /// Cut while the commit itself was on its way; it never arrives.
        case commitLost
    }

    private unowned let simulation: Simulation
    private(set) var isDatabaseUp = true
    /// How often PostgreSQL has gone down, so that what was under way then is not answered.
    private var outages = 0

    init(_ simulation: Simulation) { self.simulation = simulation }

    func databaseGoesDown() {
        isDatabaseUp = false
        outages += 1
    }

    func databaseComesUp(asPromotedStandby isPromoted: Bool) {
        isDatabaseUp = true
        if isPromoted { simulation.database.timeline += 1 }
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

    private func send(_ round: LeaseRound, _ done: @escaping (LeaseRound.Outcome) -> Void) {
        travel("round \(round.number) of replica \(round.replicaID), gives back \(round.standing.givenBack)") {
            [self] fate in
            switch fate {
            case .lost: back { done(.failed) }
            case .commitLost:
                let result = simulation.database.copy().grant(round)
                back { done(result.map(LeaseRound.Outcome.unanswered) ?? .gone) }
            case .answerLost:
                guard let result = simulation.database.grant(round) else { return back { done(.gone) } }
                back { [self] in done(unknown(result)) }
            case .arrives where simulation.bug == .grantWithoutRowLock:
                guard let plan = simulation.database.plan(round) else { return back { done(.gone) } }
                simulation.after(delay()) { [self] in
                    let result = simulation.database.carryOut(plan, round)
                    simulation.look()
                    back {
                        done(.committed(result))
                    } lost: { [self] in
                        done(unknown(result))
                    }
                }
            case .arrives:
                guard let result = simulation.database.grant(round) else { return back { done(.gone) } }
                simulation.announce(result.plan, round)
                back {
                    done(.committed(result))
                } lost: { [self] in
                    done(unknown(result))
                }
            }
        }
    }

    private func unknown(_ result: LeaseRound.Result) -> LeaseRound.Outcome {
        simulation.bug == .treatUnknownCommitAsFailed ? .failed : .unanswered(result)
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
            case .arrives:
                let committed = simulation.database.commit(attempt)
                back {
                    done(.committed(committed, attempt.batch))
                } lost: {
                    done(unknown)
                }
            }
        }
    }

    func send(
        _ request: ControlQueue.Request, from replica: SimulatedReplica,
        _ done: @escaping (ControlQueue.Answer) -> Void
    ) {
        travel("\(request)") { [self] fate in
            switch fate {
            case .lost, .commitLost: back { done(.failed) }
            case .answerLost:
                _ = simulation.database.answer(request)
                back { done(.failed) }
            case .arrives:
                let answer = simulation.database.answer(request)
                back {
                    done(answer)
                } lost: {
                    done(.failed)
                }
            }
        }
    }

    /// A word of `NOTIFY`.
    func whisper(_ body: @escaping () -> Void) {
        if !simulation.random.chance(permille: simulation.climate.silencePermille) { simulation.after(delay(), body) }
    }

    // MARK: Ways

    func delay() -> Int64 { simulation.random.int64(50...simulation.climate.longestDelayMicroseconds) }

    private func travel(_ what: @escaping @autoclosure () -> String, _ arrive: @escaping (Fate) -> Void) {
        let fate = fate()
        simulation.after(delay()) { [self] in
            guard isDatabaseUp else { return arrive(.lost) }
            let leases = simulation.database.leases
            simulation.isChanged = true
            arrive(fate)
            simulation.tell("\(what()): \(fate)")
            tellChanges(since: leases)
            simulation.look()
        }
    }

    private func tellChanges(since leases: [SimulatedDatabase.LeaseKey: SimulatedDatabase.Lease]) {
        guard simulation.trace != nil else { return }
        let changed = simulation.database.leases.filter { $0.value.amount != leases[$0.key]?.amount ?? 0 }
        for (key, lease) in changed.sorted(by: { $0.key < $1.key }) {
            let before = leases[key]?.amount ?? 0
            simulation.tell(
                "in PostgreSQL: window \(key.windowID), lease of \(key.replicaID): \(before) to \(lease.amount)")
        }
    }

    private func fate() -> Fate {
        guard simulation.random.chance(permille: simulation.isHealed ? 0 : simulation.climate.lossPermille) else {
            return .arrives
        }
        return simulation.random.pick([.lost, .answerLost, .commitLost])
    }

    /// The way back; `lost` where PostgreSQL went down meanwhile.
    private func back(_ done: @escaping () -> Void, lost: (() -> Void)? = nil) {
        let outages = outages
        simulation.after(delay()) { [self] in
            if outages == self.outages { done() } else { (lost ?? done)() }
        }
    }
}
