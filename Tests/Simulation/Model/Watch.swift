import Accounting
import Ledger

/// Follows one call from its asking to its verdict, so that a denial can be judged by all that was true meanwhile.
final class Watch {
    private let call: Call
    private unowned let simulation: Simulation
    private(set) var isOver = false
    /// By budget: the least that was left of the limit, and of what nobody held, while the call waited.
    private var least: [Int64: (left: Int64, unheld: Int64)] = [:]
    private let budgets: [Budget]
    private let startedAt: Timestamp

    init(_ call: Call, _ simulation: Simulation) {
        self.call = call
        self.simulation = simulation
        startedAt = simulation.wall
        budgets = simulation.database.configuration.scopes.budgets(for: call.who, model: Offices.model)
        look()
    }

    func look() {
        guard !isOver else { return }
        for budget in budgets {
            let now = standing(of: budget)
            let before = least[budget.number] ?? now
            least[budget.number] = (min(before.left, now.left), min(before.unheld, now.unheld))
        }
    }

    private func standing(of budget: Budget) -> (left: Int64, unheld: Int64) {
        let database = simulation.database
        let key = WindowKey(budgetNumber: budget.number, span: budget.window(containing: simulation.wall))
        let limit = database.configuration.budgets[budget.number]!.limit
        guard let id = database.windowIDs[key], let window = database.windows[id] else { return (limit, limit) }
        var held: Int64 = 0
        for (lease, row) in database.leases where lease.windowID == id {
            let living = simulation.replicas.first { $0.isReachable && $0.replicaID == lease.replicaID }
            let books = living?.core?.desk.leaseBooks.first { $0.windowID == id }
            // What one that lives does not hold it can give back; of others nobody knows.
            held += books.map { max($0.held, row.amount - $0.idle) } ?? row.amount
        }
        let left = window.limit - window.spent
        return (left, left - held)
    }

    /// The client hears nothing more of it.
    func giveUp() { isOver = true }

    func end(_ outcome: AuthorizeOutcome?) {
        guard !isOver else { return }
        look()
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
