import Accounting
import HTTPTypes
import Hummingbird
import JSON
import Ledger

/// `/v1/reports`: what was spent.
struct ReportRoutes: Sendable {
    let server: ServerContext

    func add(to routes: RouteTable) {
        routes.on(.get, "v1/reports", server) { try await list($0) }
        routes.on(.get, "v1/reports/{name}", server, query: ["team", "month", "format"]) { try await show($0) }
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
}
