import Accounting
import Foundation
import HTTPTypes
import Hummingbird
import JSON
import Ledger

/// `/v1/budgets/{id}/windows`: the values of a budget that has one window each.
extension BudgetRoutes {
    private static let usualCount = 100

    func windows(_ context: AuthenticatedContext) async throws -> Response {
        let (budget, own) = try findWithValues(context)
        let order: BudgetWindows.Order? = try context.query(
            "sort", "one of \(BudgetWindows.Order.allCases.map(\.rawValue).joined(separator: ", "))",
            BudgetWindows.Order.init(rawValue:))
        let most: Int? = try context.query("limit", "a whole number from 1 to \(BudgetWindows.maximumCount)") {
            Int($0).flatMap { (1...BudgetWindows.maximumCount).contains($0) ? $0 : nil }
        }
        let now = server.replica.now().wall
        let page = try await server.database.read {
            try BudgetWindows.list(
                budget, at: now, order: order ?? .spent, most: most ?? Self.usualCount, ofTeam: own, $0)
        }
        let names = server.configuration.names
        return .json(capacity: 512 + page.windows.count * 256) { writer in
            writer.field("budget", budget.id)
            writer.field("window_start", budget.countsFrom(at: now))
            writer.field("resets_at", budget.window(containing: now).end)
            writer.field("values", page.count)
            writer.name("windows")
            writer.array(page.windows) {
                $1.write(to: &$0, of: budget, server.replica.held(in: $1.windowID), at: now, names)
            }
        }
    }

    func window(_ context: AuthenticatedContext) async throws -> Response {
        let (budget, own) = try findWithValues(context)
        let names = server.configuration.names
        guard let raw = context.parameters.get("value"), let text = raw.removingPercentEncoding,
            let value = WindowValue(text: text).map({ budget.scope.meant($0, names) }),
            value.values.count == budget.scope.eachNames.count,
            own == nil || budget.scope.eachNames.first != "team" || value.values.first == own
        else {
            throw Problem(
                .notFound, "\(budget.id) has no window of this value: it has one for each \(Self.fields(budget)).")
        }
        let now = server.replica.now().wall
        guard let window = try await server.database.lookUp({ try BudgetWindows.find(value, of: budget, at: now, $0) })
        else { throw Problem.unavailable }
        var writer = JSONWriter()
        window.write(to: &writer, of: budget, server.replica.held(in: window.windowID), at: now, names)
        return .text("application/json", writer.bytes)
    }

    private static func fields(_ budget: Budget) -> String { budget.scope.eachNames.joined(separator: " and ") }

    /// The budget of the path, and the only team whose values the caller may see.
    private func findWithValues(_ context: AuthenticatedContext) throws(Problem) -> (Budget, String?) {
        let budget = try find(context)
        guard budget.scope.hasWildcard else {
            throw Problem(.notFound, "\(budget.id) has one window for all: its scope has no \"*\".")
        }
        let isOfAll = budget.scope.team == nil
        let own = isOfAll ? context.principal.team : nil
        guard own == nil || budget.scope.each.contains(.team) else {
            throw Problem(.forbidden, "The windows of \(budget.id) may be of calls of other teams.")
        }
        return (budget, own)
    }
}

extension BudgetWindow {
    fileprivate func write(
        to writer: inout JSONWriter, of budget: Budget, _ heldHere: Int64, at now: Timestamp, _ names: TeamNames
    ) {
        writer.object {
            $0.name("value")
            budget.scope.write(value, names, to: &$0)
            $0.amount(.carriedOver, carriedOver, of: budget.unit)
            $0.amounts(of: budget.unit, limit: limit, spent: spent, held: heldHere.plus(leasedByEnded))
            budget.writePlan(of: limit, at: now, to: &$0)
        }
    }
}
