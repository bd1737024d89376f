import Accounting
import Ledger

/// Follows one call from the request to its verdict. A denial can then be checked against everything that was true
/// meanwhile.
final class Watch {
    private let call: Call
    private unowned let simulation: Simulation
    private(set) var isOver = false
    private let places: [Balances.Place]
    private let startedAt: Timestamp
    private let startedAtMicroseconds: Int64
    private let since: Int

    init(_ call: Call, since: Int, _ simulation: Simulation) {
        self.call = call
        self.since = since
        self.simulation = simulation
        startedAt = simulation.wall
        startedAtMicroseconds = simulation.nowMicroseconds
        let scopes = simulation.database.configuration.scopes
        places = Self.spenders(of: call, simulation).flatMap { who in
            var counting: [ScopeIndex.Match] = []
            scopes.find(who, SampleDeployment.model, into: &counting)
            return counting.map {
                let budget = scopes.budgets[$0.place]
                return Balances.Place(
                    budgetNumber: budget.number, value: WindowValue(of: who, SampleDeployment.model, in: budget.scope))
            }
        }
    }

    /// Who may pay for the call: a replica may not have heard yet which team has its feature now.
    private static func spenders(of call: Call, _ simulation: Simulation) -> [Attribution] {
        guard simulation.conditions.areFeaturesMoved, call.who.feature == SampleDeployment.movedFeature else {
            return [call.who]
        }
        return SampleDeployment.teams.map { call.who.of(team: $0) }
    }

    /// What is held covers the output that the client is told of.
    private func lookAtOutput(of verdict: Verdict, toldBy replica: SimulatedReplica) {
        guard let hold = verdict.hold else { return }
        let most = call.inputTokens + replica.outputTold(verdict, call)
        for charge in hold.charges where charge.isLeased && charge.amount < most {
            simulation.fail(
                .noOverspend, "\(call.requestID) may use \(most), and \(charge.amount) of it is held")
        }
    }

    /// The client gets no answer to this call.
    func giveUp() { isOver = true }

    func end(_ outcome: AuthorizeOutcome?, _ balances: Balances, on replica: SimulatedReplica) {
        guard !isOver else { return }
        isOver = true
        if case .verdict(let verdict, _) = outcome { lookAtOutput(of: verdict, toldBy: replica) }
        // The call may have been judged in another window than that of the true time.
        guard startedAt.day == simulation.wall.day, !simulation.conditions.areClocksWrong,
            case .verdict(let verdict, _) = outcome, verdict.kind == .deny, let reason = verdict.reason
        else { return }
        let amount = SampleDeployment.leastAmount(of: call)
        let least = places.map { balances.least(of: $0, since: since) }
        switch reason.code {
        case .budgetExhausted, .overCallLimit:
            if least.allSatisfy({ $0.left >= amount }) {
                simulation.fail(
                    .noFalseDenial, "\(call.requestID) was denied as \(reason.code.rawValue): \(reason.message)")
            }
        case .fundsHeld:
            // Others that wait on the replica may need the money, so that it is not free for this call.
            if replica.hadWaiting(otherThan: call.requestID, sinceMicroseconds: startedAtMicroseconds) { return }
            // With faults, a replica may be unreachable for as long as a call waits, or a `NOTIFY` message may be lost.
            if simulation.conditions.isCalm, least.allSatisfy({ $0.unheld >= amount }) {
                if simulation.conditions.isFleet { return simulation.note { $0.deniedWhileIdle += 1 } }
                simulation.fail(
                    .noFalseDenial, "\(call.requestID) was denied while the money lay idle: \(reason.message)")
            }
        case .replicaFenced:
            if simulation.conditions.isCalm { simulation.fail(.noFalseDenial, "\(call.requestID) met a fence") }
        default: simulation.fail(.noFalseDenial, "\(call.requestID) was denied: \(reason.message)")
        }
    }
}
