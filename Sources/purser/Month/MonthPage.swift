import JSON
import Wording

/// What people see of a month.
struct MonthPage {
    private let answer: Answer
    private let month: JSONValue

    init(_ answer: Answer) throws(CommandFailure) {
        self.answer = answer
        month = try answer.json()
    }

    static let checks: [Column] = [.text("status"), .text("code", title: "CHECK"), .prose("message", title: "FOUND")]

    private static let costCenters: [Column] = [
        .text("cost_center", title: "COST CENTRE"), .count("entries"),
        .count("unpriced_calls", title: "UNPRICED CALLS"), .amount("cost_usd", title: "COST"),
    ]

    private static let adjustments: [Column] = [
        .text("month", title: "ADJUSTMENTS OF"), .count("entries"), .amount("cost_usd", title: "COST"),
    ]

    private static let reopenings: [Column] = [
        .text("version", title: "REOPENED VERSION"), .time("reopened_at", title: "AT"),
        .text("reopened_by", title: "BY"),
        .prose("reason"),
    ]

    private static let changes: [Column] = [
        .text("cost_center", title: "CHANGED COST CENTRE"), .amount("before_usd", title: "BEFORE"),
        .amount("after_usd", title: "AFTER"), .amount("difference_usd", title: "DIFFERENCE"),
    ]

    private static let booked: [Column] = [
        .text("team", title: "BOOKED WHILE OPEN"), .text("kind"), .text("source"), .count("entries"),
        .amount("cost_usd", title: "COST"),
    ]

    func write(_ listing: ListingOptions) throws {
        guard listing.output == .table else {
            return try listing.write(answer, "cost_centers", columns: Self.costCenters)
        }
        let display = Display.standardOutput(isExact: listing.exact)
        let changes = month["changes"]
        let tables = [
            (month, "checks", Self.checks), (month, "cost_centers", Self.costCenters),
            (month, "adjustments", Self.adjustments), (month, "reopenings", Self.reopenings),
            (changes, "cost_centers", Self.changes), (changes, "booked", Self.booked),
        ]
        try StandardOutput.write(heading)
        for (object, field, columns) in tables {
            let rows = object?.field(field).map { Array($0.elements) } ?? []
            if !rows.isEmpty { try StandardOutput.write("\n" + Listing(rows, columns: columns).fitting(display)) }
        }
    }

    /// What the month is, in sentences.
    var heading: String {
        func text(_ field: String) -> String { Cell(month.field(field)).plain }
        let entries = month["entries"]?.integer ?? 0
        var lines = [
            "\(text("month")) is \(text("state")): \(Phrase.count(entries, "entry", "entries")) for \(Phrase.dollars(text("total_usd")))."
        ]
        if month["state"]?.string == "closed" {
            let time = Phrase.time(Phrase.withoutFraction(text("closed_at")))
            lines.append("Version \(text("version")) was closed by \(text("closed_by")) at \(time).")
            if month["sha256"]?.string != nil { lines.append("The SHA-256 of its export is \(text("sha256")).") }
            if let version = month["price_book"]?["version"]?.string { lines.append("The price book was \(version).") }
        }
        if month["forced"]?.bool == true { lines.append("It was closed by force: \(text("reason"))") }
        if month["locked"]?.bool == true { lines.append("It is locked for good.") }
        return lines.map { PrintableText.of($0) + "\n" }.joined()
    }
}
