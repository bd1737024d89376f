import Accounting
import JSON

/// A status as rows of one table, for programs: the budgets, those that cost most, and today's verdicts.
struct StatusRows {
    let listing: Listing

    private static let columns: [Column] = [
        "kind", "name", "provider", "unit", "limit", "spent", "forecast", "course", "runs_dry_on", "calls", "cost_usd",
        "share", "reason",
    ].map { Column.text($0) }

    init(_ status: JSONValue) {
        let objects = { (name: String) in status.field(name).map { Array($0.elements) } ?? [] }
        let verdicts = status["verdicts"]?["reasons"].map { Array($0.elements) } ?? []
        let rows =
            objects("budgets").map(Self.budget)
            + [("features", "feature"), ("users", "user"), ("models", "model")].flatMap { list, kind in
                objects(list).map { Self.row(kind, $0, ["name": kind]) }
            } + verdicts.map { Self.row($0["verdict"]?.string ?? "", $0, ["reason": "code"]) }
        listing = Listing(headings: Self.columns.map(Listing.Heading.init), rows: rows)
    }

    private static func budget(_ budget: JSONValue) -> [Cell] {
        let unit = Budget.Unit(budget)?.rawValue ?? ""
        let forecast = budget["forecast"]
        return columns.map { column in
            switch column.name {
            case "kind": .text("budget")
            case "name": Cell(budget["id"])
            case "unit": .text(unit)
            case "limit": Cell(budget.field("window_limit_\(unit)") ?? budget.field("limit_\(unit)"))
            case "spent": Cell(budget.field("spent_\(unit)"))
            case "forecast": Cell(forecast?.field("spent_\(unit)"))
            case "course", "runs_dry_on": Cell(forecast?.field(column.name))
            default: .absent
            }
        }
    }

    /// - Parameter fields: those that the object names otherwise than the column.
    private static func row(_ kind: String, _ object: JSONValue, _ fields: [String: String]) -> [Cell] {
        columns.map { $0.name == "kind" ? .text(kind) : Cell(object.field(fields[$0.name] ?? $0.name)) }
    }
}
