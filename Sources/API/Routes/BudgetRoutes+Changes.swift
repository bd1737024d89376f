import Accounting
import Hummingbird
import JSON
import Ledger
import Logging

/// `/v1/budgets/{id}/changes`: what a `PATCH` plans with `effective_from`.
extension BudgetRoutes {
    func plan(
        _ patch: BudgetPatch, of budget: Budget, at moment: Timestamp, expecting: BudgetStore.Expectation?,
        by principal: Principal
    ) async throws -> Response {
        if case .version(let version) = expecting, version != budget.version { throw StoreFailure.versionMismatch }
        let content = patch.content(server.configuration.names)
        let draft = try BudgetPatch(JSONDocument(text: content).root).draft(of: budget)
        let author = try principal.author(of: budget.scope.team)
        let planned = try await server.database.run {
            try PlannedChangeStore.plan(content, draft, of: budget, at: moment, by: author, $0)
        }
        return .json(.created) { planned.write(to: &$0, of: budget) }
    }

    func plannedChanges(_ context: AuthenticatedContext) async throws -> Response {
        let budget = try find(context)
        let changes = try await server.database.read { try PlannedChangeStore.list(budget, $0) }
        return .json(capacity: 64 + changes.count * 384) {
            $0.name("changes")
            $0.array(changes) { writer, change in writer.object { change.write(to: &$0, of: budget) } }
        }
    }

    func withdrawChange(_ context: AuthenticatedContext) async throws -> Response {
        let budget = try find(context)
        let author = try context.principal.author(of: budget.scope.team)
        let number = try context.number(else: "\(budget.id) has no such planned change")
        try await server.database.run { try PlannedChangeStore.withdraw(number, of: budget, by: author, $0) }
        return Response(status: .noContent)
    }
}

extension PlannedChange {
    /// Writes the fields of a planned change into an object.
    fileprivate func write(to writer: inout JSONWriter, of budget: Budget) {
        writer.field("number", number)
        writer.field("budget", budget.id)
        writer.field("effective_from", effectiveAt)
        writer.name("change")
        writer.verbatim(content)
        writer.field("state", state.rawValue)
        writer.field("made_at", madeAt)
        writer.field("made_by", madeBy)
        writer.field("version", version)
        writer.field("why_failed", whyFailed)
        writer.field("withdrawn_by", withdrawnBy)
    }
}

extension BudgetReading {
    /// Reads the bodies of `PATCH`.
    static func patches(_ log: Logger) -> BudgetReading {
        BudgetReading(
            draft: { budget, content in try BudgetPatch(JSONDocument(text: content).root).draft(of: budget) },
            content: \.settings, words: { Problem($0, log: log).detail })
    }
}
