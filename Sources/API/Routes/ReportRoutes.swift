import Accounting
import HTTPTypes
import Hummingbird
import JSON
import Ledger

/// `/v1/reports` and `/v1/months`: what was spent.
struct ReportRoutes: Sendable {
    let server: ServerContext

    func add(to routes: RouteTable) {
        routes.on(.get, "v1/reports", server) { try await list($0) }
        routes.on(.get, "v1/reports/{name}", server, query: ["team", "month", "format"]) { try await show($0) }
        routes.on(.get, "v1/months", server) { try await months($0) }
    }

    private func list(_ context: AuthenticatedContext) async throws -> Response {
        .json {
            $0.name("reports")
            $0.array(server.reports.definitions) { writer, report in
                writer.object {
                    $0.field("name", report.name)
                    $0.field("title", report.title)
                }
            }
        }
    }

    private func show(_ context: AuthenticatedContext) async throws -> Response {
        let team = try context.visibleTeam(server)
        let name = context.parameters.get("name") ?? ""
        guard let definition = server.reports.definition(name) else {
            let names = server.reports.definitions.map(\.name).joined(separator: ", ")
            throw Problem(.notFound, "There is no report of that name. There are: \(names).")
        }
        let configuration = server.configuration
        let current = configuration.accountingZone.day(at: server.replica.now().wall).month
        let month = try context.query("month", "a month, such as 2026-10") { CalendarMonth(text: $0) } ?? current
        guard month <= current else { throw Problem.query("month", "must be at most \(current), the month that it is") }
        let format = try context.query("format", "json or csv") { ["json", "csv"].contains($0) ? $0 : nil }
        let report = try await server.database.read { try definition.run(month: month, team: team, $0) }
        if format == "csv" { return .text("text/csv; charset=utf-8", Array(report.csv.utf8)) }
        return .json(capacity: 4096) { report.write(to: &$0) }
    }

    private func months(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.read(team: context.principal.team))
        let months = try await server.database.read { try MonthList.all($0) }
        return .json {
            $0.field("time_zone", server.configuration.accountingZone.name)
            $0.name("months")
            $0.array(months) { writer, month in
                writer.object {
                    $0.field("month", month.month.description)
                    $0.field("state", month.state)
                    $0.field("closed_at", month.closedAt?.description)
                }
            }
        }
    }
}
