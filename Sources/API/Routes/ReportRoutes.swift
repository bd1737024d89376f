import Accounting
import HTTPTypes
import Hummingbird
import JSON
import Ledger

/// `/v1/reports` and `/v1/months`: what was spent.
struct ReportRoutes: Sendable {
    let office: Office

    func add(to router: Router<BasicRequestContext>) {
        router.on(.get, "v1/reports", office) { try await list($0) }
        router.on(.get, "v1/reports/{name}", office) { try await show($0) }
        router.on(.get, "v1/months", office) { try await months($0) }
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
        guard let month = inquiry.request.query("month").map({ CalendarMonth(text: $0) }) ?? current else {
            throw Problem(fields: [FieldError(pointer: "/month", detail: "must be a month, such as 2026-10")])
        }
        let format = inquiry.request.query("format") ?? "json"
        guard ["json", "csv"].contains(format) else {
            throw Problem(fields: [FieldError(pointer: "/format", detail: "must be json or csv")])
        }
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
