import Accounting
import ArgumentParser
import JSON
import Wording

struct PriceRerate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rerate", abstract: "Rate recorded calls again by the price book of today.",
        discussion: """
            Shows first what changes and why, one line a reason, and asks; then books a correction for each call whose \
            cost was another. Where nobody can be asked, --yes is the answer. No entry is changed: a correction names its \
            call and adds the difference, in the month of the call or, where that is closed, in the first open one. \
            Again, there is nothing left to correct.

            Examples:
              purser price rerate --from 2026-11-15 --to 2026-11-30 --dry-run
              purser price rerate --from 2026-11-15 --model claude-opus-4-5 --yes
            """)

    @Option(
        help: ArgumentHelp("The first day, in the accounting time zone.", valueName: "date"),
        transform: CalendarDay.argument)
    var from: CalendarDay

    @Option(
        help: ArgumentHelp("The last day; today unless given.", valueName: "date"), transform: CalendarDay.argument)
    var to: CalendarDay?

    @Option(help: "Only calls of this model.", completion: .models, transform: Name.notEmpty)
    var model: String?

    @Option(help: "The provider, where the model's name alone is ambiguous.", transform: Name.notEmpty)
    var provider: String?

    @Flag(help: "Show what would change, and book nothing.")
    var dryRun = false

    @Flag(help: "Book the corrections without asking.")
    var yes = false

    enum Grouping: String, ExpressibleByArgument, CaseIterable {
        case reason, team
    }

    @Option(help: "What a line of the table is for.")
    var by: Grouping = .reason

    @OptionGroup var listing: ListingOptions

    private static let timeoutSeconds = 3600

    func validate() throws {
        if let to, to < from { throw ValidationError("--to is before --from.") }
        if provider != nil, model == nil { throw ValidationError("--provider goes with --model.") }
    }

    func body(isDryRun: Bool) -> RequestBody {
        .object { writer in
            writer.field("from", from.description)
            if let to { writer.field("to", to.description) }
            if let model { writer.field("model", model) }
            if let provider { writer.field("provider", provider) }
            writer.field("dry_run", isDryRun)
        }
    }

    static func nothingToCorrect(calls: Int64, unpriced: Int64) -> String {
        let priced = calls - unpriced
        let right = "\(Phrase.count(priced, "call")) \(priced == 1 ? "costs" : "cost") what the price book says"
        let missing =
            unpriced == 0
            ? "" : ", and \(Phrase.count(unpriced, "call")) still \(unpriced == 1 ? "has" : "have") no price"
        return "\(right)\(missing); there is nothing to correct."
    }

    func run() async throws {
        let client = try PurserClient()
        let preview = try await client.send(
            "POST", Route("prices", "rerate"), body: body(isDryRun: true), timeoutSeconds: Self.timeoutSeconds)
        switch by {
        case .reason: try listing.write(preview, "reasons", columns: Column.rerateReason)
        case .team: try listing.write(preview, "teams", columns: Column.rerate)
        }
        let found = try preview.json()
        let (calls, corrected) = (found["calls"]?.integer ?? 0, found["corrected_calls"]?.integer ?? 0)
        guard corrected > 0, !dryRun else {
            StandardError.writeLine(
                corrected == 0
                    ? Self.nothingToCorrect(calls: calls, unpriced: found["unpriced_calls"]?.integer ?? 0)
                    : "\(Phrase.count(calls, "call")) looked at; nothing was booked.")
            return
        }
        guard try yes || Confirmation.given("Book \(Phrase.count(corrected, "correction"))?") else {
            StandardError.writeLine("Nothing was booked.")
            throw ExitCode(CommandFailure.Kind.refused.exitCode)
        }
        let booked = try await client.send(
            "POST", Route("prices", "rerate"), body: body(isDryRun: false), timeoutSeconds: Self.timeoutSeconds
        ).json()
        let count = booked["corrected_calls"]?.integer ?? 0
        let difference = Phrase.dollars(Cell(booked["difference_usd"]).plain)
        let corrections = "\(Phrase.count(count, "correction")) of\(count == 1 ? "" : " together")"
        StandardError.writeLine("Booked \(corrections) \(difference).")
    }
}

extension Column {
    static let rerateReason: [Column] = [
        .text("reason"), .text("provider", isWide: true), .text("model", isWide: true), .count("calls"),
        .amount("difference_usd", title: "DIFFERENCE"), .prose("detail"),
    ]

    static let rerate: [Column] = [
        .text("team"), .count("corrected_calls", title: "CORRECTED"),
        .count("newly_priced_calls", title: "NEWLY PRICED"),
        .count("unpriced_calls", title: "STILL UNPRICED"), .count("refused_calls", title: "REFUSED"),
        .amount("before_usd", title: "BEFORE"), .amount("after_usd", title: "AFTER"),
        .amount("difference_usd", title: "DIFFERENCE"),
    ]
}
