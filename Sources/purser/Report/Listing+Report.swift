import JSON
import Wording

extension Listing {
    /// Makes the listing of a report. The columns of the answer say what they hold.
    init(report answer: Answer) throws(CommandFailure) {
        let code = try answer.json()["currency"]?["code"]?.string ?? "USD"
        let columns = try answer.objects("columns").map { Self.column($0, code) }
        self.init(try answer.objects("rows"), columns: columns)
        guard let sums = try answer.json()["totals"], !sums.isNull else { return }
        var totals = columns.map { column in sums.field(column.name) == nil ? Cell.text("") : column.cell(sums) }
        if totals.first == .text("") { totals[0] = .text("Total") }
        self.totals = totals
    }

    private static func column(_ column: JSONValue, _ currency: String) -> Column {
        let name = column["name"]?.string ?? ""
        let unit = column["unit"]?.string
        let title = column["title"]?.string ?? name
        return Column(name, title: PrintableText.of(title)) { row in
            let field = row.field(name)
            return switch unit {
            case "usd": Cell(field, text: Cell.amount)
            case currency.lowercased(): Cell(field, text: Cell.foreign)
            case "price": Cell(field, text: Cell.price)
            case "tokens", "calls", "count": Cell(field, text: { .count($0) }, number: { .count($0) })
            default: Cell(field)
            }
        }
    }
}

extension Answer {
    /// What stands above the table of a report, also in a file, which must say what it is: its title, of which month or
    /// days it is, where these begin, of whom, and as of when.
    func reportHeading(ofTeam team: String? = nil) throws(CommandFailure) -> String {
        let report = try json()
        guard let title = report["title"]?.string, let from = report["from"]?.string, let to = report["to"]?.string,
            let zone = report["time_zone"]?.string, let asOf = report["as_of"]?.string
        else { return "" }
        let state = report["state"]?.string == "closed" ? "closed" : "open"
        let range = report["month"]?.string ?? "from \(from) to before \(to)"
        let time = Phrase.time(Phrase.withoutFraction(asOf))
        let facts = ["\(range) in \(zone)", TableTitle.scope(team), state, "as of \(time)"] + rate(report)
        return PrintableText.of("\(title)") + "\n" + PrintableText.of(facts.joined(separator: ", ")) + "\n\n"
    }

    private func rate(_ report: JSONValue) -> [String] {
        guard let currency = report["currency"], let code = currency["code"]?.string, code != "USD" else { return [] }
        return ["in \(code) at \(currency["per_usd"]?.string ?? "") of \(currency["date"]?.string ?? "")"]
    }

    /// What stands below the table: by which release of the price book it was made. Empty where none was loaded.
    func reportFooting() throws(CommandFailure) -> String {
        guard let book = try json()["price_book"], let version = book["version"]?.string,
            let date = book["date"]?.string
        else { return "" }
        return "\n" + PrintableText.of("Price book \(version) of \(date).") + "\n"
    }
}
