import Accounting
import Ledger

/// Follows one call from its asking to its verdict, so that a denial can be judged by all that was true meanwhile.
final class Watch {
    private let call: Call
    private unowned let simulation: Simulation
    private(set) var isOver = false
    /// By budget, the least there was while the call waited.
    private var least: [Int64: Promises.Standing] = [:]
    private let budgets: [Budget]
    private let startedAt: Timestamp

    init(_ call: Call, _ simulation: Simulation) {
        self.call = call
        self.simulation = simulation
        startedAt = simulation.wall
        let scopes = simulation.database.configuration.scopes
        var counting: [Int] = []
        scopes.find(call.who, Offices.model, into: &counting)
        budgets = counting.map { scopes.budgets[$0] }
    }

    func look(_ standings: [Int64: Promises.Standing]) {
        guard !isOver else { return }
        for budget in budgets {
            let now = standings[budget.number]!
            let before = least[budget.number] ?? now
            least[budget.number] = .init(left: min(before.left, now.left), unheld: min(before.unheld, now.unheld))
        }
    }

    /// The client hears nothing more of it.
    func giveUp() { isOver = true }

    func end(_ outcome: AuthorizeOutcome?) {
        guard !isOver else { return }
        isOver = true
        // The call may have been judged in a window that the true time is not in.
        guard startedAt.day == simulation.wall.day, !simulation.climate.clocksDrift,
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
            // With faults, a replica or a word may not be reached within the time a call waits.
            if simulation.climate.isCalm, budgets.allSatisfy({ least[$0.number]!.unheld >= amount }) {
                simulation.fail(
                    .noFalseDenial, "\(call.requestID) was denied while the money lay idle: \(reason.message)")
            }
        case .replicaFenced:
            if simulation.climate.isCalm { simulation.fail(.noFalseDenial, "\(call.requestID) met a fence") }
        default: simulation.fail(.noFalseDenial, "\(call.requestID) was denied: \(reason.message)")
        }
    }
}
