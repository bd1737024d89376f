import Accounting
import JSON
import Wording

/// A status as one screen of text.
struct StatusScreen {
    let status: JSONValue
    /// For more budget, answered ones among them where the server lists these too.
    let requests: [JSONValue]
    let display: Display

    private static let mostBudgets = 10

    var text: String {
        let sections = [budgets, month] + spenders + [today, openRequests]
        return title + "\n" + sections.compactMap(\.self).map { "\n\($0)" }.joined()
    }

    private var title: String {
        let scope = TableTitle.scope(status["team"]?.string)
        return TableTitle("Status of \(scope)").line(asOf: display.now, in: status["time_zone"]?.string)
            .split(separator: "\n").joined()
    }

    /// The budgets that are used most, and how many there are beside them.
    private var budgets: String? {
        let all = list("budgets")
        guard !all.isEmpty else { return "No budget. purser budget set makes one.\n" }
        let sorted = all.sorted { used($0) > used($1) }
        let shown = Array(sorted.prefix(Self.mostBudgets))
        let table = Listing(shown, columns: Column.budgetStatus(at: display.now)).fitting(display)
        let rest = all.count - shown.count
        return table + (rest > 0 ? "and \(Phrase.count(rest, "budget")) used less: purser budget list\n" : "")
    }

    private func used(_ budget: JSONValue) -> Int64 {
        BudgetStanding(budget, at: display.now)?.used?.millionths ?? -1
    }

    private var month: String {
        let cost = Cell(status["cost_usd"], text: Cell.amount)
        let calls = Phrase.count(status["calls"]?.integer ?? 0, "call")
        let month = status["month"]?.string ?? "This month"
        guard cost != .absent else {
            return PrintableText.of("\(month): \(calls), none of which has a known cost") + "\n"
        }
        return PrintableText.of("\(month): \(cost.shown(in: display)) for \(calls)") + "\n"
    }

    private var spenders: [String?] {
        [("features", "FEATURE"), ("users", "USER"), ("models", "MODEL")].map { field, title in
            if let value = status.field(field), value.isNull {
                return "\(title.prefix(1))\(title.dropFirst().lowercased())s are too many to be told here.\n"
            }
            let name = title.lowercased()
            let spenders = list(field).filter { name != "user" || $0["user"]?.isNull == false }
            guard !spenders.isEmpty else { return nil }
            return Listing(spenders, columns: Column.spender(name, title: "TOP \(title)S")).fitting(display)
        }
    }

    private var today: String {
        let verdicts = status["verdicts"]
        let counts = ["admitted", "downgraded", "denied"].map { name in
            (name, verdicts?.field(name)?.integer ?? 0)
        }
        guard counts.contains(where: { $0.1 > 0 }) else { return "Today: no call asked for a verdict\n" }
        let told = counts.map { "\(Phrase.number(String($0.1))) \($0.0)" }
        let reasons = verdicts?["reasons"].map { Array($0.elements) } ?? []
        return "Today: \(Phrase.all(told))\n" + reasons.map { "  " + PrintableText.of(Self.reason($0)) + "\n" }.joined()
    }

    /// Such as `3 denied: a budget had too little left`.
    private static func reason(_ reason: JSONValue) -> String {
        let calls = Phrase.number(String(reason["calls"]?.integer ?? 0))
        let verdict = reason["verdict"]?.string == "deny" ? "denied" : "downgraded"
        let why = reason["message"]?.string ?? reason["code"]?.string?.replacing("_", with: " ") ?? ""
        return "\(calls) \(verdict): \(why)"
    }

    /// What others ask the reader for.
    private var openRequests: String? {
        let open = requests.filter { ($0["state"]?.string ?? "open") == "open" }
        guard !open.isEmpty else { return nil }
        return "Open: \(Phrase.count(open.count, "request")) for more budget\n"
            + open.map { "  " + PrintableText.of(Self.request($0)) + "\n" }.joined()
    }

    private static func request(_ request: JSONValue) -> String {
        let amount = request["amount_usd"]?.string.map { " +\(Phrase.dollars($0))" } ?? ""
        let reason = request["reason"]?.string.map { ": \($0)" } ?? ""
        return "\(Cell(request["number"]).plain) \(Cell(request["budget"]).plain)\(amount)\(reason)"
    }

    private func list(_ name: String) -> [JSONValue] { status.field(name).map { Array($0.elements) } ?? [] }
}
