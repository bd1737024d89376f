import Accounting
import ArgumentParser
import JSON
import Wording

/// `purser budget try`: what the budgets of a file would have said of calls that were judged.
struct BudgetTry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "try", abstract: "See what other budgets would have done.",
        discussion: """
            Replays the calls of a time with the budgets of the file, and no others, and shows for each day and feature what \
            would have been admitted, downgraded and denied, and what it would have cost. Nothing is changed.

            A call that was denied in truth and is admitted here is taken to use what calls of its feature and model use on \
            average. Prices, agreements and ladders are those of today, and boosts are left out. Calls that nobody settled \
            are charged as the file says. The calls are those of the verdict log, which servers keep for \
            PURSER_VERDICT_LOG_DAYS.

            Examples:
              purser budget try budgets.yaml --from 2026-10-01 --to 2026-11-01
              purser budget try budgets.yaml --from 2026-10-23T14:00:00Z --to 2026-10-24
            """)

    @Argument(help: "A file as purser budget export writes it; - is standard input.")
    var file: String

    @Option(help: "The first day, or a time on a quarter of an hour.", transform: Self.moment)
    var from: String

    @Option(help: "The day after the last, or a time on a quarter of an hour.", transform: Self.moment)
    var to: String

    @OptionGroup var listing: ListingOptions

    private static let timeoutSeconds = 86_400

    /// Days begin in the accounting time zone, which the server knows.
    private static func moment(_ text: String) throws -> String {
        if CalendarDay(text: text) == nil { _ = try Timestamp.argument(text) }
        return text
    }

    static let columns: [Column] = [
        .text("day"), .text("team"), .text("feature"), .count("calls"), .count("admitted"),
        .count("clamped").spared(4), .count("downgraded").spared(1), .count("denied"),
        .amount("spent_usd", title: "SPENT"), .amount("actual_usd", title: "ACTUAL").spared(3),
        .amount("saved_usd", title: "SAVED").spared(2), .time("ran_dry_at", title: "RAN DRY AT").spared(5),
    ]

    func run() async throws {
        let bytes = try InputFile(path: file).readWhole(limit: BudgetFile.maximumBytes)
        let entries = try BudgetFile(String(decoding: bytes, as: UTF8.self)).entries
        let body = RequestBody.object { writer in
            writer.name("budgets")
            writer.array(entries) { $1.write(to: &$0) }
            writer.field("from", from)
            writer.field("to", to)
        }
        let isShown = StandardError.isTerminal
        let answer = try await PurserClient().follow(
            "POST", Route("replays"), body: body, timeoutSeconds: Self.timeoutSeconds
        ) { step in
            if isShown { StandardError.writeRaw("\r\u{1B}[K" + Self.text(of: step)) }
        }
        if isShown { StandardError.writeRaw("\r\u{1B}[K") }
        try listing.write(answer, "days", columns: Self.columns)
        try answer.tellWarnings()
        if listing.output == .table { for line in try Self.sentences(answer.json()) { StandardError.writeLine(line) } }
    }

    static func text(of step: JSONValue) -> String {
        let calls = step["calls"]?.integer ?? 0
        // A team is not told how many calls there are.
        guard let all = step["of"]?.integer else {
            return "\(Phrase.count(calls, "call")), up to \(Phrase.withoutFraction(step["at"]?.string ?? ""))"
        }
        return "\(Phrase.count(calls, "call")), \(min(100, calls * 100 / max(1, all)))%"
    }

    /// What people want to know of it.
    static func sentences(_ result: JSONValue) -> [String] {
        var lines: [String] = []
        for budget in result["budgets"].map({ Array($0.elements) }) ?? [] {
            let id = PrintableText.of(budget["id"]?.string ?? "")
            let denied = Phrase.count(budget["denied"]?.integer ?? 0, "call")
            if let moment = budget["ran_dry_at"]?.string {
                lines.append("\(id) would have run dry at \(Phrase.time(moment)), and denied \(denied).")
            } else if budget["denied"]?.integer ?? 0 > 0 {
                lines.append("\(id) would have denied \(denied).")
            }
            if let count = budget["would_deny"]?.integer, count > 0 {
                lines.append(
                    "\(id) denies nothing; if it were hard, it would have denied \(Phrase.count(count, "call")).")
            }
        }
        if let saved = result["saved_usd"]?.string {
            lines.append(
                saved.hasPrefix("-")
                    ? "It would have cost \(Phrase.dollars(String(saved.dropFirst()))) more."
                    : "It would have saved \(Phrase.dollars(saved)).")
        }
        if let assumed = result["assumed"]?.integer, assumed > 0 {
            let calls = Phrase.count(assumed, "call")
            lines.append("The usage of \(calls) is assumed: \(assumed == 1 ? "it was" : "they were") denied in truth.")
        }
        if let differing = result["differing"]?.integer {
            lines.append(
                differing == 0
                    ? "Every verdict is as it was." : "\(Phrase.count(differing, "verdict")) would have been another.")
        }
        return lines
    }
}
