import ArgumentParser
import Finance
import Wording

extension ProviderUsage: ExpressibleByArgument {}

struct UsageImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Record calls that were never authorized.",
        discussion: """
            Events have ids, so a file may be imported again: what is there already counts as a duplicate. Rejected \
            events are listed with their lines, the others stand, and the exit code is 1. With --dry-run the server \
            checks everything and records nothing.

            An NDJSON file has one event a line, as POST /v1/usage takes it. The header of a CSV file names the fields \
            of the event (id, source, occurred_at, team, feature, user, run, model, provider, service_tier, status, \
            latency_ms, provider_cost_usd, ...), tags as tags.KEY, and meters by their names (input_tokens, \
            output_tokens, cache_read_tokens, web_searches, ...). An apostrophe before =, +, - or @, as spreadsheets \
            need it, is taken off. What \
            usage tail --output csv wrote can be imported into another ledger; in its own, calls would count twice. A line that cannot be \
            read is rejected, and the next one is read.

            The spend logs of LiteLLM and the activity of OpenRouter are taken as they export them, CSV or JSON, and known \
            by their columns. --team says whose calls they are; a spend log without it by its team_id.

            Examples:
              purser usage import october.csv --batch october
              zcat calls.ndjson.gz | purser usage import --format ndjson -
              purser usage import spendlogs.csv --from-format litellm --dry-run
              purser usage import activity.csv --from-format openrouter --team search
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case csv, ndjson

        init?(path: String) {
            let path = path.lowercased()
            if path.hasSuffix(".csv") {
                self = .csv
            } else if path.hasSuffix(".ndjson") || path.hasSuffix(".jsonl") {
                self = .ndjson
            } else {
                return nil
            }
        }
    }

    @Argument(help: "The file; - for standard input.", completion: .file(extensions: ["csv", "ndjson", "jsonl"]))
    var file: String

    @Option(help: "How the file is written, where its name does not say it.")
    var format: Format?

    @Option(help: "The router whose log it is, where its columns do not say it.")
    var fromFormat: ProviderUsage?

    @Option(help: "Whose calls a router's log has.", completion: .teams, transform: Name.checked)
    var team: String?

    @Option(
        help: "A name for this import, by which all it brings can be listed and taken back.", transform: Name.checked)
    var batch: String?

    @Flag(help: "Say what would be accepted, and record nothing.")
    var dryRun = false

    func validate() throws {
        guard format != nil || fromFormat != nil || Format(path: file) != nil || file.hasSuffix(".json") else {
            throw ValidationError("The file's name ends with neither .csv nor .ndjson; give --format.")
        }
    }

    func run() async throws {
        let input = try InputFile(path: file)
        var events = try self.events(of: input)
        let progress = ImportProgress(file: input)
        var importer = UsageImporter(
            client: try PurserClient(), progress: progress, batch: batch, isDryRun: dryRun, header: events.header)
        if let made = events.header?.made, !made.isEmpty {
            StandardError.writeLine("Not taken, because the ledger makes it itself: \(made.joined(separator: ", ")).")
        }
        defer { progress.clear() }
        while let event = try events.next() { try await importer.add(event) }
        try await importer.flush()
        progress.clear()
        for line in importer.warnings.lines { StandardError.writeLine(line) }
        try StandardOutput.writeLine(importer.outcome)
        if importer.counts.rejected > 0 { throw ExitCode(CommandFailure.Kind.refused.exitCode) }
    }

    private static let maximumLogBytes = 1 << 30

    private func events(of input: InputFile) throws -> UsageFile {
        let beginning = try input.read()
        let router = fromFormat ?? (format == nil ? ProviderUsage(beginning: beginning) : nil)
        if let router {
            if fromFormat == nil { StandardError.writeLine("This is a log of \(router.rawValue).") }
            let bytes = beginning + (try input.readWhole(limit: Self.maximumLogBytes))
            do {
                return .log(try router.events(bytes, team: team), next: 0)
            } catch let failure as ProviderFileFailure {
                throw CommandFailure(.refused, "The file cannot be taken: \(failure).")
            }
        }
        guard team == nil else {
            throw CommandFailure(.usage, "--team goes with a router's log; events name their teams.")
        }
        guard let written = format ?? Format(path: file) else {
            throw CommandFailure(.usage, "The file is no router's log that is known; give --format or --from-format.")
        }
        var pending: [UInt8]? = beginning
        let feed = ByteFeed {
            defer { pending = nil }
            return try pending ?? input.read()
        }
        return written == .csv ? try UsageFile.csv(feed) : .ndjson(TextLines(feed))
    }
}
