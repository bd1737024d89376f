import Accounting
import Hummingbird
import JSON
import Ledger

/// `/v1/budgets/{id}/boosts`: more of a budget for a time.
extension BudgetRoutes {
    func boosts(_ context: AuthenticatedContext) async throws -> Response {
        let budget = try find(context)
        let boosts = try await server.database.read { try BoostStore.list(budget, $0) }
        return .json(capacity: 64 + boosts.count * 384) {
            $0.name("boosts")
            $0.array(boosts) { writer, boost in writer.object { boost.write(to: &$0, of: budget) } }
        }
    }

    func boost(_ context: AuthenticatedContext) async throws -> Response {
        let budget = try find(context)
        let author = try context.principal.author(of: budget.scope.team)
        let draft = try BoostDraft(await context.request.json(), of: budget, at: server.replica.now().wall)
        let stored = try await server.database.run { try BoostStore.add(draft, to: budget, by: author, $0) }
        return try await server.answer(change: stored.configurationVersion) {
            .json(.created) { stored.boost.write(to: &$0, of: budget) }
        }
    }

    func withdrawBoost(_ context: AuthenticatedContext) async throws -> Response {
        let budget = try find(context)
        let author = try context.principal.author(of: budget.scope.team)
        let number = try context.number(else: "\(budget.id) has no such boost")
        let stored = try await server.database.run {
            try BoostStore.withdraw(number, of: budget, by: author, $0)
        }
        return try await server.answer(change: stored.configurationVersion)
    }
}

extension Boost {
    /// Writes the fields of a boost into an object.
    func write(to writer: inout JSONWriter, of budget: Budget) {
        writer.field("number", number)
        writer.field("budget", budget.id)
        writer.amount(.added, amount, of: budget.unit)
        writer.field("from", startsAt)
        writer.field("until", endsAt)
        writer.field("reason", reason)
        writer.field("state", state.rawValue)
        writer.field("made_at", madeAt)
        writer.field("made_by", madeBy)
        writer.field("withdrawn_at", withdrawnAt)
        writer.field("withdrawn_by", withdrawnBy)
    }
}
