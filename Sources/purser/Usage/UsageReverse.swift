import ArgumentParser
import JSON
import Wording

struct UsageReverse: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reverse", abstract: "Take back usage that was recorded by mistake.",
        discussion: """
            Nothing is deleted: for each event an entry is booked that takes it back, in the month of its call or, where \
            that is closed, in the first open one. What was taken back before stays taken back once. Its id stays taken: to \
            import the right usage, give it another.

            Examples:
              purser usage reverse --source batch --id r-1 --reason "sent twice"
              purser usage reverse --file october.csv --reason "wrong team"
              purser usage reverse --batch october --reason "wrong month"
            """)

    @Option(help: "The source of the events; of a file, where its events do not say theirs.")
    var source: String?

    @Option(
        help: "The team of the events, where others have reported events with these ids from the same source.",
        completion: .teams, transform: Name.checked)
    var team: String?

    @Option(name: .customLong("id"), help: "The id of an event; may be given again.")
    var ids: [String] = []

    @Option(
        help: "A file as it was imported: all its events are taken back; - for standard input.",
        completion: .file(extensions: ["csv", "ndjson", "jsonl"]))
    var file: String?

    @Option(help: "An import, by the name that it was given: all that it has brought.", transform: Name.checked)
    var batch: String?

    @Option(help: "How the file is written, where its name does not say it.")
    var format: UsageImport.Format?

    @Option(help: "Why; it stays with the entries.")
    var reason: String

    private static let eventsAtOnce = 10_000
    /// Of events that name none.
    private static let defaultSource = "usage"

    func validate() throws {
        guard [file != nil, batch != nil, !ids.isEmpty].count(where: { $0 }) == 1 else {
            throw ValidationError("Give one of --id, --file and --batch.")
        }
        if batch != nil, source != nil { throw ValidationError("--batch goes without --source.") }
        if !ids.isEmpty, source == nil { throw ValidationError("--id needs --source.") }
        if let file, format == nil, UsageImport.Format(path: file) == nil {
            throw ValidationError("The file's name ends with neither .csv nor .ndjson; give --format.")
        }
    }

    func run() async throws {
        var events = source.map { [Origin(source: $0, team: team): ids] } ?? [:]
        if let file { events = try self.events(in: file, format ?? UsageImport.Format(path: file)) }
        let client = try PurserClient()
        var outcome = Outcome()
        for (origin, ids) in events.sorted(by: { $0.key < $1.key }) {
            for start in stride(from: 0, to: ids.count, by: Self.eventsAtOnce) {
                outcome.add(
                    try await reverse(client) { writer in
                        writer.field("source", origin.source)
                        if let team = origin.team { writer.field("team", team) }
                        writer.name("ids")
                        writer.array(ids[start...].prefix(Self.eventsAtOnce)) { $0.string($1) }
                    })
            }
        }
        if let batch {
            func next() async throws -> JSONValue {
                try await reverse(client) { writer in
                    writer.field("batch", batch)
                    if let team { writer.field("team", team) }
                }
            }
            var answer = try await next()
            outcome.add(answer)
            // The server takes back a part at a time.
            while answer["remaining"]?.integer ?? 0 > 0 {
                answer = try await next()
                outcome.reversed += answer["reversed"]?.integer ?? 0
            }
        }
        for id in outcome.unknown { StandardError.writeLine("No event has the id \(id).") }
        let others = batch == nil ? ", \(outcome.unknown.count) not found" : ""
        try StandardOutput.writeLine(
            "\(Phrase.count(outcome.reversed, "event")) taken back, \(outcome.already) before\(others)")
        if !outcome.unknown.isEmpty { throw ExitCode(CommandFailure.Kind.refused.exitCode) }
    }

    private struct Outcome {
        var reversed: Int64 = 0
        var already: Int64 = 0
        var unknown: [String] = []

        mutating func add(_ answer: JSONValue) {
            reversed += answer["reversed"]?.integer ?? 0
            already += answer["already_reversed"]?.integer ?? 0
            unknown += answer["unknown_ids"].map { $0.elements.compactMap(\.string) } ?? []
        }
    }

    private func reverse(_ client: PurserClient, _ which: (inout JSONWriter) -> Void) async throws -> JSONValue {
        let body = RequestBody.object { writer in
            which(&writer)
            writer.field("reason", reason)
        }
        return try await client.send("POST", Route("usage", "reversals"), body: body, timeoutSeconds: 300).json()
    }

    /// Where events are from.
    private struct Origin: Hashable, Comparable {
        let source: String
        let team: String?

        static func < (left: Origin, right: Origin) -> Bool {
            (left.source, left.team ?? "") < (right.source, right.team ?? "")
        }
    }

    /// The ids in a file, by where their events are from.
    private func events(in path: String, _ format: UsageImport.Format?) throws -> [Origin: [String]] {
        let input = try InputFile(path: path)
        let feed = ByteFeed { () throws(CommandFailure) in try input.read() }
        var file = format == .csv ? try UsageFile.csv(feed) : .ndjson(TextLines(feed))
        var events: [Origin: [String]] = [:]
        while let event = try file.next() {
            switch event {
            case .refused(let line, let detail): StandardError.writeLine("line \(line): \(detail)")
            case .ready(let line, let json):
                let event = try? JSONDocument(json).root
                guard let id = event?["id"]?.string else {
                    StandardError.writeLine("line \(line): the event has no id")
                    continue
                }
                let origin = Origin(
                    source: event?["source"]?.string ?? source ?? Self.defaultSource,
                    team: event?["team"]?.string ?? team)
                events[origin, default: []].append(id)
            }
        }
        return events
    }
}
