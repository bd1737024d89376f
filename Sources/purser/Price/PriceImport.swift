import Accounting
import ArgumentParser
import JSON
import Wording

struct PriceImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take prices from a file into the price book.",
        discussion: """
            A price that changed ends when its successor begins; none is overwritten. What will change is shown \
            before it is written, models that could not be taken are listed with the reason.

            The community price map of litellm has no dates: its prices hold from the beginning for models that had \
            none so far, and from today where they differ from those in force, unless --effective-from names another day or time.

            Examples:
              purser price import pricing/anthropic.yaml
              purser price import model_prices_and_context_window.json \\
                --format litellm --effective-from 2026-11-01
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case purser, litellm

        var contentType: String { self == .litellm ? "application/json" : "application/yaml" }
    }

    @Argument(help: "The file; - for standard input.", completion: .file())
    var file: String

    @Option(help: "How the file is written.")
    var format: Format = .purser

    @Option(
        help: ArgumentHelp(
            "The day, or the time, from which all its prices are valid, whatever the file says.", valueName: "time"),
        transform: Timestamp.argument)
    var effectiveFrom: Timestamp?

    @Flag(help: "Say what would change, and change nothing.")
    var dryRun = false

    @Flag(help: "Take prices that look like a mistake too, such as one that is a hundred times what it was.")
    var force = false

    static let maximumBytes = 64 << 20

    private static let maximumShown = 200

    func route(isDryRun: Bool) throws(CommandFailure) -> Route {
        try Route("prices", "import").query("format", format.rawValue)
            .query("effective_from", effectiveFrom?.dayOrTime).query("dry_run", isDryRun ? "true" : nil)
            .query("force", force ? "true" : nil)
    }

    func run() async throws {
        let bytes = try InputFile(path: file).readWhole(limit: Self.maximumBytes)
        let client = try PurserClient()
        let preview = try await send(bytes, isDryRun: true, client)
        for skipped in try preview.objects("skipped") {
            StandardError.writeLine("skipped \(Cell(skipped["model"]).plain): \(Cell(skipped["reason"]).plain)")
        }
        for line in try Self.uncarried(preview.objects("warnings")) { StandardError.writeLine(line) }
        for line in try Self.leftOut(preview.objects("warnings")) { StandardError.writeLine(line) }
        if let rows = try Self.difference(preview) { StandardError.writeLine(rows) }
        let json = try await (dryRun ? preview : send(bytes, isDryRun: false, client)).json()
        let counts = ["added", "ended", "unchanged"].map { "\(Cell(json.field($0)).plain) \($0)" }
        let remark = dryRun ? " (nothing was changed)" : ""
        try StandardOutput.writeLine(PrintableText.of("\(counts.joined(separator: ", "))\(remark)"))
    }

    private func send(_ bytes: [UInt8], isDryRun: Bool, _ client: PurserClient) async throws -> Answer {
        try await client.send(
            "POST", try route(isDryRun: isDryRun), body: RequestBody(contentType: format.contentType, bytes: bytes),
            timeoutSeconds: 300)
    }

    /// The rows that the import adds, with the former prices, as a table of at most `maximumShown` rows. Nil where the
    /// import adds nothing.
    private static func difference(_ preview: Answer) throws -> String? {
        let changes = try preview.objects("changes")
        guard !changes.isEmpty else { return nil }
        let rows = Listing(Array(changes.prefix(maximumShown)), columns: Column.shownPriceChange).withoutEmptyColumns
        var text = String(rows.table(Display()).dropLast())
        let total = Int64(Cell(try preview.json().field("added")).plain) ?? 0
        let rest = total - Int64(min(changes.count, maximumShown))
        if rest > 0 { text += "\nand \(rest) more" }
        return text
    }

    /// What is said of models whose prices the file does not have in full, in at most `maximumShown` lines and one more.
    static func leftOut(_ warnings: [JSONValue]) -> [String] {
        let messages = warnings.filter { $0["code"]?.string == "left_out" }
            .map { PrintableText.of(Cell($0["message"]).plain) }
        let rest = messages.count - maximumShown
        return messages.prefix(maximumShown)
            + (rest > 0 ? ["and so of \(Phrase.count(rest, "more model", "more models"))"] : [])
    }

    /// The price fields that were not taken, each with the number of models that have it.
    static func uncarried(_ warnings: [JSONValue]) -> [String] {
        var counts: [String: Int] = [:]
        for field in warnings.compactMap({ $0["fields"] }).flatMap(\.elements) {
            counts[Cell(field).plain, default: 0] += 1
        }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { field, count in
            "not taken: \(field) of \(Phrase.count(count, "model"))"
        }
    }
}
