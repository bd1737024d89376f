import Accounting
import Ledger

/// Follows one call from the request to its verdict. A denial can then be checked against everything that was true
/// meanwhile.
final class Watch {
    private let call: Call
    private unowned let simulation: Simulation
    private(set) var isOver = false
    /// The least that each budget had while the call waited, by budget number.
    private var least: [Int64: Promises.Balance] = [:]
    private let budgets: [Budget]
    private let startedAt: Timestamp

    init(_ call: Call, _ simulation: Simulation) {
        self.call = call
        self.simulation = simulation
        startedAt = simulation.wall
        let scopes = simulation.database.configuration.scopes
        var counting: [Int] = []
        scopes.find(call.who, SampleDeployment.model, into: &counting)
        budgets = counting.map { scopes.budgets[$0] }
    }

    func look(_ balances: [Int64: Promises.Balance]) {
        guard !isOver else { return }
        for budget in budgets {
            let now = balances[budget.number]!
            let before = least[budget.number] ?? now
            least[budget.number] = .init(left: min(before.left, now.left), unheld: min(before.unheld, now.unheld))
        }
    }

    /// The client gets no answer to this call.
    func giveUp() { isOver = true }

    func end(_ outcome: AuthorizeOutcome?) {
        guard !isOver else { return }
        isOver = true
        // The call may have been judged in another window than that of the true time.
        guard startedAt.day == simulation.wall.day, !simulation.conditions.areClocksWrong,
            case .verdict(let verdict, _) = outcome, verdict.kind == .deny, let reason = verdict.reason
        else { return }
        let amount = call.inputTokens
        switch reason.code {
        case .budgetExhausted, .overCallLimit:
            if budgets.allSatisfy({ least[$0.number]!.left >= amount }) {
                simulation.fail(
                    .noFalseDenial, "\(call.requestID) was denied as \(reason.code.rawValue): \(reason.message)")
            }
        case .fundsHeld:
            // With faults, a replica may be unreachable for as long as a call waits, or a `NOTIFY` message may be lost.
            if simulation.conditions.isCalm, budgets.allSatisfy({ least[$0.number]!.unheld >= amount }) {
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
