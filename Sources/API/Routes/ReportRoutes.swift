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
        routes.on(.get, "v1/reports/focus", server, query: ["month", "focus_version", "dataset"]) {
            try await focus($0)
        }
        routes.on(.get, "v1/reports/{name}", server, queryOf: parameters) { try await show($0) }
    }

    /// What is no report takes all that any takes: it is not found, whatever it is asked for.
    private func parameters(_ path: Parameters) -> [String] {
        let report = server.reports.definition(path.get("name") ?? "")
        return (report?.parameters.map(\.name) ?? server.reports.parameterNames) + ["format", "currency"]
    }

    private func list(_ context: AuthenticatedContext) async throws -> Response {
        .json {
            $0.name("reports")
            $0.array(server.reports.definitions) { writer, report in
                writer.object {
                    $0.field("name", report.name)
                    $0.field("title", report.title)
                    $0.name("parameters")
                    $0.array(report.parameters) { writer, parameter in
                        writer.object {
                            $0.field("name", parameter.name)
                            $0.field("title", parameter.title)
                            $0.field("accepts", parameter.accepts)
                        }
                    }
                }
            }
        }
    }

    private func show(_ context: AuthenticatedContext) async throws -> Response {
        let name = context.parameters.get("name") ?? ""
        guard let definition = server.reports.definition(name) else {
            _ = try context.visibleTeam(server)
            let names = server.reports.definitions.map(\.name).joined(separator: ", ")
            throw Problem(.notFound, "There is no report of that name. There are: \(names).")
        }
        let query = try ReportQuery(context, definition, server)
        let format = try context.query("format", "json, csv or html") { Format(rawValue: $0) } ?? .json
        let team = server.configuration.names.called(query.team)
        let rates = try currencyRates(context)
        // The file of rates is read where a statement may take its time too.
        let report = try await server.database.read { connection in
            let rate = try rates?.rate(at: query.range)
            let report = try definition.run(query, connection)
            return rate.map(report.told) ?? report
        }
        switch format {
        case .json: return .json(capacity: 4096) { report.write(to: &$0, team: team) }
        case .csv: return .text("text/csv; charset=utf-8", Array(report.csv.utf8))
        case .html: return .text("text/html; charset=utf-8", Array(report.html(team: team).utf8))
        }
    }

    /// Where the rate is by which the report's amounts are told; nil for USD.
    private func currencyRates(_ context: AuthenticatedContext) throws(Problem) -> AskedCurrency? {
        guard let currency = try context.query("currency"), currency != "USD" else { return nil }
        guard let file = server.currencyRates else {
            throw .query("currency", "must be USD: the server was started without PURSER_CURRENCY_RATES")
        }
        return AskedCurrency(code: currency, file: file)
    }

    private enum Format: String { case json, csv, html }
}

/// A currency that a report is asked for in.
private struct AskedCurrency: Sendable {
    let code: String
    let file: CurrencyRateFile

    func rate(at range: ReportRange) throws -> CurrencyRate {
        let rates: CurrencyRates
        do {
            rates = try file.read()
        } catch let failure as CurrencyRateFileFailure {
            throw Problem(.unavailable, failure.description)
        }
        let lastDay = CalendarDay(daysSince1970: range.to.daysSince1970 - 1)
        guard let rate = rates.rate(of: code, on: lastDay) else {
            let known = (["USD"] + rates.currencies).joined(separator: ", ")
            throw Problem.query("currency", "has no rate on \(lastDay) or before; there are \(known)")
        }
        return rate
    }
}
