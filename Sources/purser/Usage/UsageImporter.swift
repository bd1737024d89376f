import JSON
import Wording

/// Sends the events of a file in chunks and counts their outcomes.
struct UsageImporter {
    private let client: PurserClient
    private let progress: ImportProgress
    private let batch: String?
    private let isDryRun: Bool
    /// Nil of a file that is not CSV.
    private let header: UsageCSVHeader?
    private var chunk = EventChunk()
    private(set) var counts = Counts()
    private(set) var warnings = ImportWarnings()

    struct Counts: Equatable {
        var accepted: Int64 = 0
        var duplicates: Int64 = 0
        var rejected: Int64 = 0

        var text: String { "\(accepted) accepted, \(others)" }
        var textOfTrial: String { "\(accepted) would be accepted, \(others) (nothing was recorded)" }
        private var others: String { "\(Phrase.count(duplicates, "duplicate")), \(rejected) rejected" }
        var count: Int64 { accepted + duplicates + rejected }
    }

    private static let maximumAttempts = 6
    private static let maximumWaitSeconds = 30

    init(
        client: PurserClient, progress: ImportProgress, batch: String?, isDryRun: Bool, header: UsageCSVHeader?
    ) {
        self.header = header
        self.client = client
        self.progress = progress
        self.batch = batch
        self.isDryRun = isDryRun
    }

    var outcome: String { isDryRun ? counts.textOfTrial : counts.text }

    mutating func add(_ event: UsageEvent) async throws {
        switch event {
        case .refused(let line, let detail):
            if !chunk.hasRoom(for: []) { try await flush() }
            chunk.refuse(line: line, detail)
        case .ready(let line, let json):
            if !chunk.hasRoom(for: json) { try await flush() }
            chunk.append(json, line: line)
        }
    }

    mutating func flush() async throws {
        let rejected = chunk.hasEvents ? try await sendChunk() : []
        for refusal in chunk.refusals(with: rejected) {
            counts.rejected += 1
            progress.clear()
            StandardError.writeLine("line \(refusal.line): \(refusal.detail)")
        }
        chunk = EventChunk()
        progress.show(events: counts.count)
    }

    /// Returns what the server rejects.
    private mutating func sendChunk() async throws -> [EventChunk.Refusal] {
        let answer = try await send()
        let json = try answer.json()
        counts.accepted += json["accepted"]?.integer ?? 0
        counts.duplicates += json["duplicates"]?.integer ?? 0
        for warned in try answer.objects("warnings") {
            warnings.add(Cell(warned["message"]).plain, line: line(of: warned))
        }
        return try answer.objects("rejected").map { rejected in
            let line = line(of: rejected)
            let parts = ["id", "code"].map { Cell(rejected.field($0)).plain } + [detail(of: rejected)]
            return EventChunk.Refusal(line: line, detail: parts.filter { !$0.isEmpty }.joined(separator: ": "))
        }
    }

    /// The line of the event that an item of the answer is about.
    private func line(of item: JSONValue) -> Int {
        let index = item["index"]?.integer.flatMap { Int(exactly: $0) } ?? -1
        return chunk.lines.indices.contains(index) ? chunk.lines[index] : 0
    }

    /// Why the server rejects an event. Fields that came from columns are called as these are.
    private func detail(of rejected: JSONValue) -> String {
        let detail = Cell(rejected["detail"]).plain
        guard let header, rejected["code"]?.string == "invalid_fields" else { return detail }
        let fields = (rejected["errors"].map { Array($0.elements) } ?? []).compactMap { error -> String? in
            guard let pointer = error["pointer"]?.string, !pointer.isEmpty else { return nil }
            return "\(header.name(of: pointer)) \(Cell(error["detail"]).plain)"
        }
        return fields.isEmpty ? detail : "\(fields.joined(separator: "; "))."
    }

    /// Events have ids and count once, so a request whose outcome is unknown may be sent again.
    private func send() async throws -> Answer {
        let body = RequestBody(contentType: "application/x-ndjson", bytes: chunk.body)
        var attempt = 1
        while true {
            do {
                let route = try Route("usage").query("batch", batch).query("dry_run", isDryRun ? "true" : nil)
                return try await client.send("POST", route, body: body, timeoutSeconds: 300)
            } catch {
                let failure: CommandFailure = error
                guard failure.isPassing, attempt < Self.maximumAttempts else { throw told(failure) }
                progress.clear()
                StandardError.writeLine("\(failure.lines.first ?? "The server is busy.") Trying again.")
                try await Task.sleep(for: .seconds(min(failure.retryAfterSeconds ?? attempt, Self.maximumWaitSeconds)))
                attempt += 1
            }
        }
    }

    private func told(_ failure: CommandFailure) -> CommandFailure {
        guard counts.count > 0, !isDryRun else { return failure }
        var failure = failure
        failure.lines += [
            "So far: \(counts.text).", "Import the file again later: what was accepted counts as duplicates then.",
        ]
        return failure
    }
}
