import Accounting
import ArgumentParser
import Curl
import JSON
import Wording

/// `purser price update`: newer catalogues, taken into the price book.
struct PriceUpdateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update", abstract: "Take a newer price map or catalogue into the price book.",
        discussion: """
            Reads the price map of litellm and the catalogue of genai-prices, from files or addresses, and shows what is \
            new, what changed and what ended before it asks. A price that changed holds from the day its source names, \
            else from today; calls are not rated again. Models with a price that changes by more than three times are \
            set apart, and taken only with --jumps.

            For a schedule, --yes answers; exit code 1 says that jumps were left out for somebody to look at.

            Examples:
              purser price update model_prices_and_context_window.json data.json
              purser price update --yes https://prices.example.com/map.json
            """)

    @Argument(help: "The map or the catalogue: a file, or an address (https://…).", completion: .file())
    var files: [String]

    @Option(
        help: ArgumentHelp("The day on which they were read; today unless given.", valueName: "date"),
        transform: CalendarDay.argument)
    var on: CalendarDay?

    @Flag(help: "Say what would change, and change nothing.")
    var dryRun = false

    @Flag(help: "Take it without asking.")
    var yes = false

    @Flag(help: "Take the models set apart too.")
    var jumps = false

    @Flag(help: "Take prices that look like a mistake too, such as one that is a hundred times what it was.")
    var force = false

    private static let maximumShown = 100
    private static let timeoutSeconds = 600

    func route(isDryRun: Bool, takesJumps: Bool) throws(CommandFailure) -> Route {
        try Route("prices", "update").query("on", on?.description).query("dry_run", isDryRun ? "true" : nil)
            .query("jumps", takesJumps ? "take" : nil).query("force", force ? "true" : nil)
    }

    func run() async throws {
        var read: [(name: String, bytes: [UInt8])] = []
        for file in files { read.append((file, try await Self.read(file))) }
        let body = RequestBody.object { writer in
            writer.name("files")
            writer.array(read) { writer, file in
                writer.object {
                    $0.field("name", file.name)
                    $0.field("text", String(decoding: file.bytes, as: UTF8.self))
                }
            }
        }
        let client = try PurserClient()
        // The preview has the jumps, so that they can be looked at.
        let preview = try await client.send(
            "POST", route(isDryRun: true, takesJumps: true), body: body, timeoutSeconds: Self.timeoutSeconds)
        try tell(preview)
        let json = try preview.json()
        let jumping = Set(Self.names(json["jumps"]))
        let left = jumps ? 0 : jumping.count
        if dryRun {
            StandardError.writeLine("Nothing was changed.")
        } else {
            try Confirmation.require("Take this into the price book?", unless: yes)
            let answer = try await client.send(
                "POST", route(isDryRun: false, takesJumps: jumps), body: body, timeoutSeconds: Self.timeoutSeconds)
            let counts = try ["added", "changed", "ended", "unchanged"].map {
                "\(Cell(try answer.json().field($0)).plain) \($0)"
            }
            let release = try "\(answer.string("version")) of \(answer.string("date"))"
            try StandardOutput.writeLine(
                PrintableText.of("\(counts.joined(separator: ", ")); the price book is \(release)"))
        }
        guard left > 0 else { return }
        StandardError.writeLine(
            "\(Phrase.count(left, "model")) with jumps \(dryRun ? "would be" : left == 1 ? "was" : "were") left out; look at them, then take them with --jumps."
        )
        throw ExitCode(CommandFailure.Kind.refused.exitCode)
    }

    /// What changes, jumps apart.
    private func tell(_ preview: Answer) throws {
        let json = try preview.json()
        for skipped in try preview.objects("skipped") {
            StandardError.writeLine("skipped \(Cell(skipped["model"]).plain): \(Cell(skipped["reason"]).plain)")
        }
        for line in try PriceImport.uncarried(preview.objects("warnings")) { StandardError.writeLine(line) }
        let jumping = Set(Self.names(json["jumps"]))
        let changes = try preview.objects("changes")
        let isJump = { (row: JSONValue) in
            jumping.contains("\(Cell(row["provider"]).plain)/\(Cell(row["model"]).plain)")
        }
        for (kind, title) in [("added", "New"), ("changed", "Changed"), ("ended", "Ended")] {
            show(changes.filter { $0["kind"]?.string == kind && !isJump($0) }, title)
        }
        show(changes.filter(isJump), "Jumps: changes of more than three times")
        let retired = Self.names(json["retired"])
        if !retired.isEmpty {
            let shown = retired.prefix(Self.maximumShown).joined(separator: ", ")
            let rest = retired.count > Self.maximumShown ? " and \(retired.count - Self.maximumShown) more" : ""
            StandardError.writeLine(
                PrintableText.of("No longer listed, with their last prices: \(shown)\(rest)"))
        }
        for part in try preview.objects("partial") {
            let count = Phrase.count(part["models"]?.integer ?? 0, "model")
            StandardError.writeLine(
                PrintableText.of(
                    "\(Cell(part["source"]).plain): \(count), less than half of what it listed before. It is taken as a part: what it does not list stays."
                ))
        }
        if changes.isEmpty, retired.isEmpty {
            StandardError.writeLine("The price book has all of these prices already.")
        }
        if let disputed = json["disputed"]?.integer, disputed > 0 {
            StandardError.writeLine(
                "The sources do not agree on \(Phrase.count(disputed, "price")): purser price check --all")
        }
    }

    private static func names(_ list: JSONValue?) -> [String] { list?.elements.compactMap(\.string) ?? [] }

    private func show(_ rows: [JSONValue], _ title: String) {
        guard !rows.isEmpty else { return }
        let models = Set(rows.map { "\(Cell($0["provider"]).plain)/\(Cell($0["model"]).plain)" }).count
        StandardError.writeLine(
            "\(title): \(Phrase.count(rows.count, "price")) of \(Phrase.count(models, "model"))")
        let listing = Listing(Array(rows.prefix(Self.maximumShown)), columns: Column.shownPriceChange)
            .withoutEmptyColumns
        StandardError.writeLine(String(listing.table(Display()).dropLast()))
        if rows.count > Self.maximumShown { StandardError.writeLine("and \(rows.count - Self.maximumShown) more") }
    }

    /// The bytes of a file, or of what is at an address.
    private static func read(_ place: String) async throws -> [UInt8] {
        guard place.hasPrefix("https://") || place.hasPrefix("http://") else {
            return try InputFile(path: place).readWhole(limit: PriceImport.maximumBytes)
        }
        let response: HTTPResponse
        do {
            response = try await HTTPClient(userAgent: "purser").send(
                HTTPRequest(
                    method: "GET", url: place, timeoutSeconds: 120, followsRedirects: true,
                    maxResponseBytes: PriceImport.maximumBytes))
        } catch {
            throw CommandFailure(.refused, "Cannot read the prices: \(error)")
        }
        guard response.status == 200 else {
            throw CommandFailure(.refused, "Cannot read the prices: their server answered \(response.status).")
        }
        return response.body
    }
}
