import ArgumentParser
import JSON
import Wording

extension Column {
    static let reconciliation: [Column] = [
        .text("id"), .text("month"), .text("provider"), .amount("ours_usd", title: "LEDGER"),
        .amount("theirs_usd", title: "BILLED"), .amount("difference_usd", title: "DIFFERENCE"),
        .count("open_lines", title: "LEFT"), .text("last_day", title: "UNTIL").spared(1),
        .time("made_at", title: "MADE").spared(2), .text("made_by", isWide: true), .text("format", isWide: true),
    ]

    static let reconciliationLine: [Column] = [
        .text("number", title: "LINE"), .text("kind"), .text("day"), .text("model"),
        .amount("ours_usd", title: "LEDGER").spared(2), .amount("theirs_usd", title: "BILLED").spared(2),
        .amount("difference_usd", title: "DIFFERENCE"), .prose("detail").spared(3),
        .text("accepted_reason", title: "ACCEPTED").spared(1), .text("accepted_by", isWide: true),
        .time("accepted_at", isWide: true), .text("ours_tokens", isWide: true), .text("theirs_tokens", isWide: true),
    ]
}

extension Answer {
    /// Shows a comparison, what is left to decide first. Exits with 6 where anything is.
    func writeReconciliation(_ options: ListingOptions, showsMatched: Bool) async throws {
        let lines = try objects("lines")
        let isTable = options.output == .table
        let differing = lines.filter { $0["kind"]?.string != "matched" }
        let matched = lines.count - differing.count
        let shown = isTable && !showsMatched ? differing : lines
        let sorted = shown.filter { $0["open"]?.bool == true } + shown.filter { $0["open"]?.bool != true }
        if isTable { try StandardOutput.write(reconciliationHeading()) }
        if !sorted.isEmpty || !isTable {
            try options.write(self, listing: Listing(sorted, columns: Column.reconciliationLine))
        }
        try tellReconciliationWarnings()
        let left = try json()["open_lines"]?.integer ?? 0
        StandardError.writeLine("\(Phrase.count(matched, "line")) matched, \(Phrase.count(left, "difference")) left.")
        if left > 0 { throw ExitCode(ApplyCommand.differsCode) }
    }

    private func reconciliationHeading() throws(CommandFailure) -> String {
        let found = try json()
        func dollars(_ name: StaticString) -> String { Phrase.dollars(found[name]?.string ?? "", places: 2) }
        let id = Cell(found["id"]).plain
        let title = "Reconciliation \(id): \(Cell(found["provider"]).plain), \(Cell(found["month"]).plain)"
        return PrintableText.of(title) + "\n"
            + "Ledger \(dollars("ours_usd")), billed \(dollars("theirs_usd")), difference \(dollars("difference_usd"))\n\n"
    }

    private func tellReconciliationWarnings() throws(CommandFailure) {
        for warning in (try json()["warnings"]).map({ Array($0.elements) }) ?? [] {
            guard let sentence = warning.string else { continue }
            StandardError.writeLine("Warning: \(PrintableText.of(sentence))")
        }
    }
}
