import JSON
import Testing

@testable import Accounting

@Suite("Our own usage object") struct OwnUsageTests {
    @Test("is split so that the parts come out of their wholes")
    func splitting() throws {
        // Plain input: 1000 - 100 - 50 - 25 - 200 - 125 = 500. Plain output: 300 - 120 - 30 = 150.
        let usage = try Usage.read(
            """
            {"web_searches": 2, "input_tokens": 1000, "cache_read_tokens": 100, "cache_write_tokens": 50,
             "cache_write_1h_tokens": 25, "audio_input_tokens": 200, "image_input_tokens": 125, "output_tokens": 300,
             "reasoning_tokens": 120, "audio_output_tokens": 30, "bananas": 4, "images": null}
            """, meters: ["bananas"])
        #expect(usage.format == .purser)
        #expect(usage.raw == nil)
        #expect(usage.residualTokens == 0)
        #expect(
            usage.quantities.table == [
                "input_tokens": 500, "cache_read_tokens": 100, "cache_write_tokens": 50, "cache_write_1h_tokens": 25,
                "audio_input_tokens": 200, "image_input_tokens": 125, "output_tokens": 150, "reasoning_tokens": 120,
                "audio_output_tokens": 30, "bananas": 4, "web_searches": 2,
            ])
        #expect(usage.quantities.inputTokens == 1000 && usage.quantities.outputTokens == 300)
        #expect(usage.quantities.lines.last?.meter == .webSearches)
    }

    @Test(
        "may have a part as large as its whole, and a whole without parts",
        arguments: [
            (#"{"input_tokens": 5, "cache_read_tokens": 5}"#, ["cache_read_tokens": 5]),
            (#"{"output_tokens": 5, "reasoning_tokens": 5}"#, ["reasoning_tokens": 5]),
            (#"{"reasoning_tokens": 0, "input_tokens": 0}"#, [:]), (#"{"output_tokens": 7}"#, ["output_tokens": 7]),
            (#"{"input_tokens": 1000000000000}"#, ["input_tokens": 1_000_000_000_000]),
            (#"{"input_tokens": 512.0, "output_tokens": 1e2}"#, ["input_tokens": 512, "output_tokens": 100]),
        ] as [(String, [String: Int64])])
    func edges(json: String, meters: [String: Int64]) throws {
        #expect(try Usage.read(json).quantities.table == meters)
    }

    @Test("is split so that the kinds of cache, of media and of output come out of their wholes")
    func kinds() throws {
        // Plain input: 1000 - 10 - 20 - 30 - 40 - 50 - 60 - 70 - 80 = 640. Plain output: 100 - 25 - 35 = 40.
        let usage = try Usage.read(
            """
            {"input_tokens": 1000, "cache_read_tokens": 10, "cache_read_audio_tokens": 20, "cache_read_image_tokens": 30,
             "cache_write_tokens": 40, "cache_write_audio_tokens": 50, "cache_write_1h_tokens": 60,
             "cache_write_12h_tokens": 70, "video_input_tokens": 80, "output_tokens": 100, "image_output_tokens": 25,
             "video_output_tokens": 35}
            """)
        #expect(usage.quantities.of(.input) == 640 && usage.quantities.of(.output) == 40)
        #expect(usage.quantities.inputTokens == 1000 && usage.quantities.outputTokens == 100)
        #expect(usage.quantities.lines.count == 12)
    }

    @Test("knows these meters whether or not anything has a price for them", arguments: Meter.nonTokenMeters)
    func named(meter: Meter) throws {
        #expect(try Usage.read("{\"\(meter)\": 2}").quantities.table == [meter.name: 2])
    }

    @Test(
        "is refused with a pointer to what is wrong",
        arguments: [
            (#"{"input_tokens": 10, "cache_read_tokens": 11}"#, ["/usage/input_tokens"]),
            (#"{"input_tokens": 10, "cache_read_tokens": 6, "audio_input_tokens": 5}"#, ["/usage/input_tokens"]),
            (#"{"cache_write_1h_tokens": 1}"#, ["/usage/input_tokens"]),
            (#"{"output_tokens": 10, "reasoning_tokens": 11}"#, ["/usage/output_tokens"]),
            (#"{"reasoning_tokens": 1}"#, ["/usage/output_tokens"]),
            (#"{"input_tokens": 1, "bananas": 2}"#, ["/usage/bananas"]), (#"{"a/b~c": 2}"#, ["/usage/a~1b~0c"]),
            (#"{"input_tokens": -1}"#, ["/usage/input_tokens"]), (#"{"input_tokens": 1.5}"#, ["/usage/input_tokens"]),
            (#"{"input_tokens": "1"}"#, ["/usage/input_tokens"]),
            (#"{"output_tokens": 1e-2}"#, ["/usage/output_tokens"]),
            (#"{"output_tokens": 1000000000001}"#, ["/usage/output_tokens"]),
            (#"{"output_tokens": 9223372036854775808}"#, ["/usage/output_tokens"]),
            (#"{"input_tokens": 1, "input_tokens": 2}"#, ["/usage/input_tokens"]),
            (#"{"web_searches": {}}"#, ["/usage/web_searches"]),
            (
                #"{"input_tokens": -1, "output_tokens": true, "x": 1}"#,
                ["/usage/input_tokens", "/usage/output_tokens", "/usage/x"]
            ),
        ] as [(String, [String])])
    func refused(json: String, pointers: [String]) throws {
        let error = try #require(throws: JSONFailure.self) { try Usage.read(json) }
        guard case .invalid(let errors) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(errors.map(\.pointer) == pointers)
    }

    @Test("with very many unknown fields, or a huge one, is answered with a short list")
    func manyUnknown() throws {
        let names = (0..<50_000).map { "\"x\($0)\": 1" } + ["\"e\(String(repeating: "\u{301}", count: 100_000))\": 1"]
        for list in [names, names.reversed()] {
            let error = try #require(throws: JSONFailure.self) { try Usage.read("{\(list.joined(separator: ","))}") }
            guard case .invalid(let errors) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(errors.count == JSONFields.maximumErrors)
            #expect(errors.allSatisfy { $0.pointer.utf8.count < 512 })
        }
    }
}
