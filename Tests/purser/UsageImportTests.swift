import Testing

@testable import purser

@Suite struct UsageImportTests {
    /// Feeds `text` in chunks of `chunkSize` bytes, so that chunks end at every possible boundary.
    private func feed(_ text: String, chunkSize: Int) -> ByteFeed {
        var rest = Array(text.utf8)[...]
        return ByteFeed { () throws(CommandFailure) in
            let chunk = rest.prefix(chunkSize)
            rest = rest.dropFirst(chunkSize)
            return Array(chunk)
        }
    }

    private func events(csv text: String) throws -> [UsageEvent] {
        var file = try UsageFile.csv(feed(text, chunkSize: 7))
        return try all(&file)
    }

    private func all(_ file: inout UsageFile) throws -> [UsageEvent] {
        var events: [UsageEvent] = []
        while let event = try file.next() { events.append(event) }
        return events
    }

    @Test("CSV is read whatever its line ends, quotes and chunks", arguments: [1, 2, 3, 5, 1000])
    func csvRecords(chunkSize: Int) throws {
        let text = "\u{FEFF}a,b\r\n\"x,\"\"y\"\"\",\"two\nlines\"\r\n\n,é\nlast,1"
        var records = CSVRecords(feed(text, chunkSize: chunkSize))
        var read: [CSVRecords.Record] = []
        while let record = try records.next() { read.append(record) }
        #expect(
            read == [
                .init(line: 1, fields: ["a", "b"]), .init(line: 2, fields: ["x,\"y\"", "two\nlines"]),
                .init(line: 5, fields: ["", "é"]), .init(line: 6, fields: ["last", "1"]),
            ])
    }

    @Test("a quote that is not closed is told with its line")
    func openQuote() throws {
        let failure = try #require(throws: CommandFailure.self) { try events(csv: "id\ne-1\n\"e-2\ne-3\n") }
        #expect(failure.description == "Line 3 has a quote that is not closed.")
    }

    @Test("text after a closing quote is told with its line", arguments: ["\"e\"x,1", "\"e\" ,1", "\"a\"\"b\"c,1"])
    func textAfterQuote(row: String) throws {
        let failure = try #require(throws: CommandFailure.self) {
            try events(csv: "id,input_tokens\ne-1,1\n\(row)\n")
        }
        #expect(failure.description == "Line 3 has text after a closing quote.")
    }

    @Test("CSV columns become fields, tags and meters; empty ones are left out")
    func csvEvent() throws {
        let text = #"""
            id,occurred_at,team,model,input_tokens,output_tokens,web_searches,tags.env,tags.team,latency_ms,quality,provider_cost_usd
            e-1,2026-11-01T00:00:00Z,search,"m ""x""",1200,310,,prod,,840,0.92,0.01
            """#
        let json = """
            {"id":"e-1","occurred_at":"2026-11-01T00:00:00Z","team":"search","model":"m \\"x\\"","latency_ms":840,\
            "quality":0.92,"provider_cost_usd":"0.01","tags":{"env":"prod"},"usage":{"input_tokens":1200,"output_tokens":310}}
            """
        #expect(try events(csv: text) == [.ready(line: 2, json: Array(json.utf8))])
    }

    @Test("a usage column holds a raw object and stays on one line")
    func rawUsage() throws {
        let text = "id,usage\ne-1,\"{\"\"prompt_tokens\"\":\n5}\"\n"
        #expect(
            try events(csv: text) == [.ready(line: 2, json: Array(#"{"id":"e-1","usage":{"prompt_tokens": 5}}"#.utf8))])
    }

    @Test(
        "a row that cannot be an event is refused with its line, and the others stand",
        arguments: [
            ("id,input_tokens\ne,abc\nok,1", "input_tokens, as a meter, must be a whole number, not 'abc'"),
            ("id,input_tokens\ne,1.5\nok,1", "input_tokens, as a meter, must be a whole number, not '1.5'"),
            ("id,input_tokens\ne,-1\nok,1", "input_tokens, as a meter, must be a whole number, not '-1'"),
            ("id,input_tokens\ne,007\nok,1", "input_tokens, as a meter, must be a whole number, not '007'"),
            ("id,usage,latency_ms\ne,{},fast\nok,{},1", "latency_ms is not a number: 'fast'"),
            ("id,usage\ne,[]\nok,{}", "usage is not a JSON object"),
            ("id,usage\ne,{},x\nok,{}", "it has 3 fields, the header 2"),
            ("id,input_tokens\ne,\nok,0", "it has no quantity; write 0 where nothing was used"),
            ("id,usage\ne,\nok,{}", "it has no quantity; write 0 where nothing was used"),
        ])
    func refusedRow(text: String, detail: String) throws {
        let events = try events(csv: text)
        #expect(events.first == .refused(line: 2, detail: detail))
        guard case .ready(line: 3, _)? = events.last else {
            Issue.record("the good row is lost: \(events)")
            return
        }
    }

    @Test(
        "a header that cannot be understood is refused before anything is sent",
        arguments: ["", "id,id", "id,Input Tokens", "id,", "id,tags.", "usage,input_tokens"])
    func refusedHeader(header: String) {
        #expect(throws: CommandFailure.self) { try events(csv: "\(header)\ne,1\n") }
    }

    @Test("NDJSON goes as it came; what is no JSON object is refused with its line")
    func ndjson() throws {
        let text = #"{"id":"e-1"}"# + "\r\n\n  \n[1]\n{bad\n" + #"{"id":"e-2"}"#
        var file = UsageFile.ndjson(TextLines(feed(text, chunkSize: 4)))
        #expect(
            try all(&file) == [
                .ready(line: 1, json: Array("{\"id\":\"e-1\"}\r".utf8)),
                .refused(line: 4, detail: "an event must be a JSON object"),
                .refused(
                    line: 5, detail: "the line is not JSON: a field name in quotes is expected (character 2)"),
                .ready(line: 6, json: Array(#"{"id":"e-2"}"#.utf8)),
            ])
    }

    @Test("a line that is too long is refused, the next one is read")
    func longLine() throws {
        let text = String(repeating: "x", count: TextLines.maximumLineBytes + 1) + "\n{}\n"
        var file = UsageFile.ndjson(TextLines(feed(text, chunkSize: 1 << 16)))
        #expect(
            try all(&file) == [
                .refused(line: 1, detail: "the line is longer than 1 MiB"), .ready(line: 2, json: Array("{}".utf8)),
            ])
    }

    @Test("refusals of a chunk are in the order of lines, whoever refuses")
    func refusals() {
        var chunk = EventChunk()
        chunk.refuse(line: 5, "here")
        chunk.refuse(line: 9, "here")
        let others = [EventChunk.Refusal(line: 3, detail: "there"), EventChunk.Refusal(line: 7, detail: "there")]
        #expect(chunk.refusals(with: others).map(\.line) == [3, 5, 7, 9])
    }

    @Test("a chunk takes ten thousand events or 32 MiB")
    func chunk() {
        var chunk = EventChunk()
        for line in 1...EventChunk.maximumEvents {
            #expect(chunk.hasRoom(for: [0x7B, 0x7D]))
            chunk.append([0x7B, 0x7D], line: line)
        }
        #expect(!chunk.hasRoom(for: []))
        #expect(EventChunk().hasRoom(for: Array(repeating: 0, count: EventChunk.maximumBytes - 1)))
        #expect(!EventChunk().hasRoom(for: Array(repeating: 0, count: EventChunk.maximumBytes)))
    }

    @Test("progress is in percent only where the end is known")
    func progress() {
        #expect(ImportProgress.text(events: 5, bytesRead: 50, size: 200) == "5 events, 25%")
        #expect(ImportProgress.text(events: 5, bytesRead: 50, size: nil) == "5 events")
    }
}
