import JSON

/// Sends the events of a file in chunks and counts their outcomes.
struct UsageImporter {
    private let client: PurserClient
    private let progress: ImportProgress
    private var chunk = EventChunk()
    private(set) var counts = Counts()

    struct Counts: Equatable {
        var accepted: Int64 = 0
        var duplicates: Int64 = 0
        var rejected: Int64 = 0

        var text: String { "\(accepted) accepted, \(duplicates) duplicates, \(rejected) rejected" }
        var count: Int64 { accepted + duplicates + rejected }
    }

    private static let maximumAttempts = 6
    private static let maximumWaitSeconds = 30

    init(client: PurserClient, progress: ImportProgress) {
        self.client = client
        self.progress = progress
    }

    mutating func add(_ event: UsageEvent) async throws {
        switch event {
        case .refused(let line, let detail): reject(line: line, detail)
        case .ready(let line, let json):
            if !chunk.hasRoom(for: json) { try await flush() }
            chunk.append(json, line: line)
        }
    }

    mutating func flush() async throws {
        guard !chunk.isEmpty else { return }
        let answer = try await send()
        let json = try answer.json()
        counts.accepted += json["accepted"]?.integer ?? 0
        counts.duplicates += json["duplicates"]?.integer ?? 0
        for rejected in try answer.objects("rejected") {
            let index = rejected["index"]?.integer.flatMap { Int(exactly: $0) } ?? -1
            let line = chunk.lines.indices.contains(index) ? chunk.lines[index] : 0
            let parts = ["id", "code", "detail"].map { Cell(rejected.field($0)).plain }.filter { !$0.isEmpty }
            reject(line: line, parts.joined(separator: ": "))
        }
        chunk = EventChunk()
        progress.show(events: counts.count)
    }

    private mutating func reject(line: Int, _ detail: String) {
        counts.rejected += 1
        progress.clear()
        StandardError.writeLine("line \(line): \(detail)")
    }

    /// Events have ids and count once, so a request whose outcome is unknown may be sent again.
    private func send() async throws -> Answer {
        let body = RequestBody(contentType: "application/x-ndjson", bytes: chunk.body)
        var attempt = 1
        while true {
            do {
                return try await client.send("POST", Route("usage"), body: body, timeoutSeconds: 300)
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
        guard counts.count > 0 else { return failure }
        var failure = failure
        failure.lines += [
            "So far: \(counts.text).", "Import the file again later: what was accepted counts as duplicates then.",
        ]
        return failure
    }
}
