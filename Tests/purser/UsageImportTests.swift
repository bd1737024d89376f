import Testing
import Wording

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
        var read: [CSVRecords.Row] = []
        while let row = try records.next() { read.append(row) }
        #expect(
            read == [
                .record(.init(line: 1, fields: ["a", "b"], lastLine: 1)),
                .record(.init(line: 2, fields: ["x,\"y\"", "two\nlines"], lastLine: 3)),
                .record(.init(line: 5, fields: ["", "é"], lastLine: 5)),
                .record(.init(line: 6, fields: ["last", "1"], lastLine: 6)),
            ])
    }

    @Test(
        "a line that cannot be read is told, and costs no other line",
        arguments: [
            ("\"e,1", "it has a quote that is not closed"),
            ("\"e\"x,1", "it has text after a closing quote; a quote inside of a text is doubled"),
            ("\"e\" ,1", "it has text after a closing quote; a quote inside of a text is doubled"),
            ("\"a\"\"b\"c,1", "it has text after a closing quote; a quote inside of a text is doubled"),
            ("\"e,1\nok,\"2\"", "it has text after a closing quote; a quote inside of a text is doubled"),
            ("e,\"" + String(repeating: "1", count: 1 << 20), "the record has more than 1 MiB; is a quote not closed?"),
        ], [1, 1000])
    func strayQuote(line: (text: String, detail: String), chunkSize: Int) throws {
        let good = "ok,1\n"
        var file = try UsageFile.csv(feed("id,input_tokens\n\(good)\(line.text)\n\(good)\(good)", chunkSize: chunkSize))
        let events = try all(&file)
        #expect(events.contains(.refused(line: 3, detail: line.detail)))
        let lines = events.compactMap { if case .ready(let line, _) = $0 { line } else { nil } }
        let rest = line.text.contains("\n") ? [4, 5, 6] : [4, 5]
        #expect(lines == [2] + rest)
    }

    @Test("a line that is not UTF-8 is told, and costs no other line")
    func notUTF8() throws {
        var chunks: [[UInt8]] = [Array("id,input_tokens\nm".utf8), [0xFC], Array("ller,1\nok,1\n".utf8)]
        var file = try UsageFile.csv(
            ByteFeed { () throws(CommandFailure) in chunks.isEmpty ? [] : chunks.removeFirst() })
        let events = try all(&file)
        #expect(events.first == .refused(line: 2, detail: "it is not UTF-8") && events.count == 2)
    }

    @Test("a row of too many or few fields says where it ends if that is another line")
    func rowOverLines() throws {
        let events = try events(csv: "id,team,input_tokens\n\"e,t,1\nok,\"\"t\"\",1\nlast\"\n")
        #expect(
            events == [
                .refused(line: 2, detail: "it has 1 field, the header 3 and ends on line 4; is a quote not closed?")
            ])
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
        "a header that cannot be understood is refused before anything is sent, and says what may have been meant",
        arguments: [
            ("", "The file is empty; its first line must name the columns."),
            ("id,id", "The header names the column 'id' twice."),
            ("id,request_id", "The header names the column 'request_id' twice."),
            ("id,tags,tags.env", "The header has a column 'tags' beside columns of single tags; keep one kind."),
            (
                "id,modell",
                "The header's column 'modell' is neither a field of an event, nor tags.KEY, nor the name of a meter (did you mean model?)."
            ),
            (
                "id,Input Tokens",
                "The header's column 'Input Tokens' is neither a field of an event, nor tags.KEY, nor the name of a meter (did you mean input_tokens?)."
            ),
            ("id,", "The header's column '' is neither a field of an event, nor tags.KEY, nor the name of a meter."),
            (
                "id,tags.",
                "The header's column 'tags.' is neither a field of an event, nor tags.KEY, nor the name of a meter (did you mean tags?)."
            ),
            ("usage,input_tokens", "The header has a column 'usage' beside columns of single meters; keep one kind."),
            ("id;team;model", "The header's columns are separated by semicolons; use commas."),
            ("id\tteam", "The header's columns are separated by tabs; use commas."),
            (
                "id,\"te\"am",
                "Line 1 must name the columns, and cannot be read: it has text after a closing quote; a quote inside of a text is doubled."
            ),
        ])
    func refusedHeader(header: String, sentence: String) throws {
        let failure = try #require(throws: CommandFailure.self) {
            try events(csv: header.isEmpty ? "" : "\(header)\ne,1\n")
        }
        #expect(failure.description == sentence)
    }

    @Test(
        "meters that only a price book has are columns",
        arguments: [
            "web_searches_low", "input_images", "output_characters", "video_output_seconds_1080p", "citation_tokens",
        ])
    func meters(name: String) throws { #expect(try UsageCSVColumn(name) == .meter(name)) }

    @Test(
        "a JSON pointer leads to the column that the field came from",
        arguments: [
            ("/model", "id,model,input_tokens", "model"), ("/usage/pages", "id,pages", "pages"),
            ("/usage/prompt_tokens", "id,usage", "usage/prompt_tokens"), ("/tags/a~1b", "id,tags.a/b", "tags.a/b"),
            ("/tags", "id,tags.a", "tags"),
        ])
    func columns(pointer: String, header: String, name: String) throws {
        let header = try UsageCSVHeader(header.split(separator: ",").map(String.init))
        #expect(header.name(of: pointer) == name)
    }

    @Test("what a tail wrote is read: calls as they were, and no corrections")
    func tail() throws {
        let text = """
            entry_id,kind,request_id,tags,input_tokens,cost_usd
            1,usage,r-1,"{""env"":""prod""}",5,0.1
            2,adjustment,r-1,,5,-0.1

            """
        var file = try UsageFile.csv(feed(text, chunkSize: 100))
        #expect(file.header?.made == ["entry_id", "cost_usd"])
        #expect(
            try all(&file) == [
                .ready(line: 2, json: Array(#"{"id":"r-1","tags":{"env":"prod"},"usage":{"input_tokens":5}}"#.utf8)),
                .refused(line: 3, detail: "it is of the kind adjustment, and only calls (usage) are imported"),
            ])
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
