import Accounting
import HTTPTypes
import Hummingbird
import JSON
import Ledger

/// `/v1/reports` and `/v1/months`: what was spent.
struct ReportRoutes: Sendable {
    let office: Office

    func add(to routes: OfficeRoutes) {
        routes.on(.get, "v1/reports", office) { try await list($0) }
        routes.on(.get, "v1/reports/{name}", office) { try await show($0) }
        routes.on(.get, "v1/months", office) { try await months($0) }
    }

    private func list(_ inquiry: Inquiry) async throws -> Response {
        .json {
            $0.name("reports")
            $0.array(office.reports.definitions) { writer, report in
                writer.object {
                    $0.field("name", report.name)
                    $0.field("title", report.title)
                }
            }
        }
    }

    private func show(_ inquiry: Inquiry) async throws -> Response {
        let team = try inquiry.principal.visibleTeam(inquiry.request.query("team"))
        let name = inquiry.parameters.get("name") ?? ""
        guard let definition = office.reports.definition(name) else {
            let names = office.reports.definitions.map(\.name).joined(separator: ", ")
            throw Problem(.notFound, "There is no report of that name. There are: \(names).")
        }
        let configuration = office.configuration
        let current = configuration.accountingZone.day(at: office.replica.now().wall).month
        let month =
            try inquiry.request.query("month", "a month, such as 2026-10") { CalendarMonth(text: $0) } ?? current
        let format = try inquiry.request.query("format", "json or csv") { ["json", "csv"].contains($0) ? $0 : nil }
        let report = try await office.database.run { try definition.run(month: month, team: team, $0) }
        if format == "csv" { return .text("text/csv; charset=utf-8", Array(report.csv.utf8)) }
        return .json(capacity: 4096) { report.write(to: &$0) }
    }

    private func months(_ inquiry: Inquiry) async throws -> Response {
        try inquiry.principal.require(.read(team: inquiry.principal.team))
        let months = try await office.database.run { try MonthList.all($0) }
        return .json {
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
