import Foundation
import JSON
import Testing

/// The server refuses invalid input, names what is wrong, and writes nothing.
@Suite struct RefusalTests {
    struct Bad: Sendable, CustomTestStringConvertible {
        let status: Int
        let code: String
        var pointer: String?
        /// One field of a call or settlement, in place of the valid one; `ABSENT` leaves the field out.
        let field: String

        init(_ pointer: String, _ field: String) {
            (status, code, self.pointer, self.field) = (422, "invalid_fields", pointer, field)
        }
        init(_ status: Int, _ code: String, _ field: String) {
            (self.status, self.code, self.field) = (status, code, field)
        }

        var testDescription: String { String(field.prefix(80)) }
        var name: String { String(field.dropFirst().prefix { $0 != "\"" }) }

        /// `good` with the field replaced.
        func body(_ good: [(name: String, value: String)]) -> String {
            var fields = good.filter { $0.name != name }.map { "\"\($0.name)\":\($0.value)" }
            if !field.hasSuffix(":ABSENT") { fields.append(field) }
            return "{\(fields.joined(separator: ","))}"
        }
    }

    /// Sends `body`, expects a refusal, and expects the team's ledger and budget to be unchanged.
    private func expectRefused(
        _ bad: Bad, _ team: Team, _ path: String, _ body: String
    ) async throws {
        let before = (try await team.budget().source, try await team.entries().count)
        let reply = try await team.admin.send("POST", path, body)
        try reply.expectProblem(bad.status, bad.code, pointer: bad.pointer)
        #expect(try await team.budget().source == before.0)
        #expect(try await team.entries().count == before.1)
    }

    private static let long = String(repeating: "a", count: 129)
    private static let manyTags = (0..<17).map { #""k\#($0)":"v""# }.joined(separator: ",")
    private static let heavyTags = (0..<9).map { #""k\#($0)":"\#(String(repeating: "v", count: 128))""# }
        .joined(separator: ",")

    static let badNames = ["team", "feature", "user", "run"].flatMap { name in
        [
            #""\#(name)":"""#, #""\#(name)":"a b""#, #""\#(name)":"é""#, #""\#(name)":"\#(long)""#, #""\#(name)":5"#,
            #""\#(name)":{}"#,
        ]
        .map { Bad("/\(name)", $0) }
    }

    static let badCalls: [Bad] =
        badNames + [
            Bad("/request_id", #""request_id":ABSENT"#), Bad("/request_id", #""request_id":null"#),
            Bad("/request_id", #""request_id":"""#), Bad("/request_id", #""request_id":7"#),
            Bad("/request_id", #""request_id":"é""#), Bad("/request_id", #""request_id":"a\u0000b""#),
            Bad("/request_id", #""request_id":"\#(long)""#),
            Bad("/team", #""team":ABSENT"#), Bad(422, "unknown_team", #""team":"no-such-team""#),
            Bad("/model", #""model":ABSENT"#), Bad("/model", #""model":"""#), Bad("/model", #""model":5"#),
            Bad("/model", #""model":["a"]"#), Bad("/model", #""model":"a\nb""#),
            Bad("/provider", #""provider":5"#), Bad("/provider", #""provider":"""#),
            Bad("/provider", #""model":"gpt-oss-120b""#),
            Bad("/service_tier", #""service_tier":"gold""#), Bad("/service_tier", #""service_tier":1"#),
            Bad("/region", #""region":"""#), Bad("/region", #""region":"e u""#), Bad("/region", #""region":1"#),
            Bad("/input_tokens", #""input_tokens":ABSENT"#), Bad("/input_tokens", #""input_tokens":-1"#),
            Bad("/input_tokens", #""input_tokens":1.0"#), Bad("/input_tokens", #""input_tokens":1e3"#),
            Bad("/input_tokens", #""input_tokens":"1200""#), Bad("/input_tokens", #""input_tokens":true"#),
            Bad("/input_tokens", #""input_tokens":1000000000001"#),
            Bad("/input_tokens", #""input_tokens":9223372036854775807"#),
            Bad("/input_tokens", #""input_tokens":9223372036854775808"#),
            Bad("/input_tokens", #""input_tokens":99999999999999999999999999999999999999999"#),
            Bad("/cached_input_tokens", #""cached_input_tokens":-1"#),
            Bad("/cached_input_tokens", #""cached_input_tokens":1201"#),
            Bad("/cached_input_tokens", #""cached_input_tokens":"0""#),
            Bad("/max_output_tokens", #""max_output_tokens":-1"#),
            Bad("/max_output_tokens", #""max_output_tokens":4.5"#),
            Bad("/max_output_tokens", #""max_output_tokens":"400""#),
            Bad("/bounds", #""bounds":[]"#), Bad("/bounds", #""bounds":5"#),
            Bad("/bounds/no_such_meter", #""bounds":{"no_such_meter":1}"#),
            Bad("/bounds/web_searches", #""bounds":{"web_searches":-1}"#),
            Bad("/bounds/web_searches", #""bounds":{"web_searches":0.5}"#),
            Bad("/bounds/web_searches", #""bounds":{"web_searches":null}"#),
            Bad("/bounds/input_tokens", #""bounds":{"input_tokens":1}"#),
            Bad("", #""bounds":{"web_searches":300000000}"#), Bad("", #""input_tokens":1000000000"#),
            Bad("/bounds/web_searches", #""bounds":{"web_searches":1000000001}"#),
            Bad("/input_tokens", #""input_tokens":1000000001"#),
            Bad("/max_output_tokens", #""max_output_tokens":1000000001"#),
            Bad("/models", #""models":[]"#), Bad("/models", #""models":"claude-opus-4-5""#),
            Bad("/models", #""models":["claude-opus-4-5",5]"#),
            Bad("/models", #""models":[\#(Array(repeating: "\"m\"", count: 65).joined(separator: ","))]"#),
            Bad("/hold_seconds", #""hold_seconds":0"#), Bad("/hold_seconds", #""hold_seconds":3601"#),
            Bad("/hold_seconds", #""hold_seconds":60.5"#), Bad("/hold_seconds", #""hold_seconds":"60""#),
            Bad("/dry_run", #""dry_run":"yes""#), Bad("/dry_run", #""dry_run":1"#),
            Bad("/tags", #""tags":{\#(manyTags)}"#), Bad("/tags", #""tags":{\#(heavyTags)}"#),
            Bad("/tags", #""tags":{"env":5}"#), Bad("/tags", #""tags":{"env":null}"#), Bad("/tags", #""tags":[]"#),
            Bad("/tags", #""tags":{"":"v"}"#), Bad("/tags", #""tags":{"k":"\#(long)"}"#),
            Bad("/tags", #""tags":{"\#(long)":"v"}"#), Bad("/tags", #""tags":{"k":"a","k":"b"}"#),
            Bad("/tags", #""tags":{"k":"\u0000"}"#),
            Bad("/surprise", #""surprise":1"#), Bad("/Model", #""Model":"claude-opus-4-5""#),
            Bad("/a~1b~0c", #""a/b~c":1"#), Bad("/limit_usd", #""limit_usd":"5""#),
            Bad("/user", #""user":"u1","user":"u2""#),
        ]

    @Test("a call with a wrong field is refused by that field", arguments: badCalls)
    func call(_ bad: Bad) async throws {
        let team = try await Team()
        try await team.setBudget()
        let body = bad.body([
            ("request_id", "\"r-1\""), ("team", "\"\(team.name)\""), ("model", "\"claude-opus-4-5\""),
            ("input_tokens", "1200"), ("max_output_tokens", "400"),
        ])
        try await expectRefused(bad, team, "/v1/authorize", body)
    }

    @Test("a count above the limit of one call is refused in the same words before the call and after it")
    func sameWords() async throws {
        let team = try await Team()
        let hold = try await team.hold("r-1")
        let detail =
            "must be a whole number from 0 to 1000000000, the most that one call may use (PURSER_MAX_CALL_TOKENS)"
        for count in ["1000000001", "1000000000001", "99999999999999999999", "1.5", "-1"] {
            let asked = try await team.admin.send(
                "POST", "/v1/authorize",
                #"{"request_id":"r-2","team":"\#(team.name)","model":"claude-opus-4-5","input_tokens":\#(count)}"#)
            let settled = try await team.admin.send(
                "POST", "/v1/settle", #"{"hold_id":"\#(hold)","usage":{"input_tokens":\#(count)}}"#)
            for (reply, pointer) in [(asked, "/input_tokens"), (settled, "/usage/input_tokens")] {
                #expect(reply.status == 422)
                let problem = try JSONDocument(Array(reply.text.utf8)).root
                #expect(
                    problem["errors"]?.source == #"[{"pointer":"\#(pointer)","detail":"\#(detail)"}]"#,
                    "\(problem.source)")
            }
        }
    }

    static let badSettlements: [Bad] = [
        Bad("/hold_id", #""hold_id":ABSENT"#), Bad("/hold_id", #""hold_id":5"#), Bad("/hold_id", #""hold_id":null"#),
        Bad(404, "unknown_hold", #""hold_id":"""#), Bad(404, "unknown_hold", #""hold_id":"nonsense""#),
        Bad(404, "unknown_hold", #""hold_id":"\#(String(repeating: "A", count: 4096))""#),
        Bad(404, "unknown_hold", #""hold_id":"\#(String(repeating: "A", count: 100_000))""#),
        Bad("/usage", #""usage":ABSENT"#), Bad("/usage", #""usage":5"#), Bad("/usage", #""usage":[]"#),
        Bad("/usage/input_tokens", #""usage":{"input_tokens":-5}"#),
        Bad("/usage/input_tokens", #""usage":{"input_tokens":1.5}"#),
        Bad("/usage/input_tokens", #""usage":{"input_tokens":"5"}"#),
        Bad("/usage/input_tokens", #""usage":{"input_tokens":99999999999999999999}"#),
        Bad("/usage/output_tokens", #""usage":{"input_tokens":5,"output_tokens":1000000000001}"#),
        Bad("/usage/input_tokens", #""usage":{"input_tokens":5,"cache_read_tokens":6}"#),
        Bad("/usage/output_tokens", #""usage":{"output_tokens":5,"reasoning_tokens":6}"#),
        Bad("/usage/no_such_meter", #""usage":{"no_such_meter":1}"#),
        Bad("/usage/completion_tokens", #""usage":{"prompt_tokens":5,"completion_tokens":"x"}"#),
        Bad("/usage/web_searches", #""usage":{"input_tokens":5,"web_searches":900000000000}"#),
        // More tokens together, and more cost, than one call may have.
        Bad("/usage", #""usage":{"input_tokens":500000000,"output_tokens":500000001}"#),
        Bad("/usage", #""usage":{"input_tokens":5,"web_searches":1000001}"#),
        Bad("/usage_format", #""usage_format":"nobody""#), Bad("/usage_format", #""usage_format":5"#),
        Bad("/model", #""model":5"#), Bad("/model", #""model":"""#), Bad("/provider", #""provider":{}"#),
        Bad("/provider", #""model":"gpt-oss-120b""#), Bad("/service_tier", #""service_tier":"gold""#),
        Bad("/status", #""status":"great""#), Bad("/status", #""status":200"#),
        Bad("/latency_ms", #""latency_ms":-1"#), Bad("/latency_ms", #""latency_ms":1.5"#),
        Bad("/latency_ms", #""latency_ms":"840""#), Bad("/quality", #""quality":1.5"#),
        Bad("/quality", #""quality":-0.1"#), Bad("/quality", #""quality":"good""#),
        Bad("/provider_request_id", #""provider_request_id":5"#),
        Bad("/occurred_at", #""occurred_at":"yesterday""#), Bad("/occurred_at", #""occurred_at":1763690000"#),
        Bad("/occurred_at", #""occurred_at":"2026-02-30T00:00:00Z""#),
        Bad("/occurred_at", #""occurred_at":"2026-11-21""#),
        Bad("/occurred_at", #""occurred_at":"2020-01-01T00:00:00Z""#),
        Bad("/occurred_at", #""occurred_at":"2199-01-01T00:00:00Z""#),
        Bad("/cost_usd", #""cost_usd":"0""#), Bad("/surprise", #""surprise":{"a":[1]}"#),
    ]

    @Test("a settlement with a wrong field is refused by that field, and the hold stays", arguments: badSettlements)
    func settlement(_ bad: Bad) async throws {
        let team = try await Team()
        try await team.setBudget()
        let hold = try await team.hold("r-1")
        let body = bad.body([("hold_id", "\"\(hold)\""), ("usage", #"{"input_tokens":1200,"output_tokens":310}"#)])
        try await expectRefused(bad, team, "/v1/settle", body)
    }

    @Test("a hold that was tampered with is not known", arguments: ["/v1/settle", "/v1/void", "/v1/extend"])
    func tampered(path: String) async throws {
        let team = try await Team()
        try await team.setBudget()
        let hold = try await team.hold("r-1")
        var characters = Array(hold)
        for index in stride(from: 0, to: characters.count, by: 7) {
            let original = characters[index]
            characters[index] = original == "A" ? "B" : "A"
            let more = ["/v1/settle": #","usage":{}"#, "/v1/extend": #","hold_seconds":60"#][path] ?? ""
            try await expectRefused(
                Bad(404, "unknown_hold", ""), team, path, #"{"hold_id":"\#(String(characters))"\#(more)}"#)
            characters[index] = original
        }
    }

    static let wrongBodies: [(bytes: [UInt8], status: Int, code: String)] = [
        (Array("".utf8), 400, "malformed_json"), (Array("{".utf8), 400, "malformed_json"),
        (Array("not json".utf8), 400, "malformed_json"), (Array("{} {}".utf8), 400, "malformed_json"),
        (Array(#"{"a":1,}"#.utf8), 400, "malformed_json"), (Array(#"{'a':1}"#.utf8), 400, "malformed_json"),
        (Array(#"{"a":NaN}"#.utf8), 400, "malformed_json"), (Array(#"{"a":01}"#.utf8), 400, "malformed_json"),
        (Array(#"{"a":"\ud800"}"#.utf8), 400, "malformed_json"), ([0xFF, 0xFE], 400, "malformed_json"),
        (Array(#"{"a":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8), 400, "malformed_json"),
        ([0xEF, 0xBB, 0xBF] + Array("{}".utf8), 400, "malformed_json"),
        (Array(#"{"a":"\#t"}"#.utf8), 400, "malformed_json"),
        (Array(String(repeating: "[", count: 100_000).utf8), 400, "malformed_json"),
        (
            Array((String(repeating: #"{"a":"#, count: 33) + "1" + String(repeating: "}", count: 33)).utf8), 400,
            "malformed_json"
        ),
        (Array("[]".utf8), 422, "invalid_fields"), (Array("null".utf8), 422, "invalid_fields"),
        (Array(#""text""#.utf8), 422, "invalid_fields"), (Array("5".utf8), 422, "invalid_fields"),
    ]

    private static let bodyRoutes = [
        ("POST", "/v1/authorize"), ("POST", "/v1/settle"), ("POST", "/v1/settle/batch"), ("POST", "/v1/void"),
        ("POST", "/v1/extend"), ("POST", "/v1/usage"), ("POST", "/v1/quote"), ("PUT", "/v1/budgets/x"),
        ("PUT", "/v1/ladders/x"),
        ("PUT", "/v1/alerts/x"), ("PUT", "/v1/credits/x"), ("POST", "/v1/tokens"),
    ]

    @Test("a body that is no JSON object is refused everywhere", arguments: bodyRoutes)
    func body(method: String, path: String) async throws {
        let admin = try await PurserServer.shared.admin
        for wrong in Self.wrongBodies {
            try await admin.send(method, path, bytes: wrong.bytes).expectProblem(wrong.status, wrong.code)
        }
    }

    @Test("an answer does not list more than some tens of wrong fields, nor repeat huge names")
    func manyUnknownFields() async throws {
        let admin = try await PurserServer.shared.admin
        let name = String(repeating: "n", count: 10_000)
        let fields = (0..<5_000).map { #""\#($0)":1"# }.joined(separator: ",")
        let reply = try await admin.send("POST", "/v1/authorize", #"{"\#(name)":1,\#(fields)}"#)
        try reply.expectProblem(422, "invalid_fields")
        #expect(reply.body.count < 10_000)
    }

    @Test(
        "a body over the limit is refused, with its length told or not",
        arguments: [
            ("/v1/authorize", 8 << 20), ("/v1/quote", 8 << 20), ("/v1/usage", 64 << 20), ("/v1/settle/batch", 64 << 20),
        ],
        [[:], ["Transfer-Encoding": "chunked"]])
    func tooLarge(route: (path: String, limit: Int), headers: [String: String]) async throws {
        let admin = try await PurserServer.shared.admin
        let body = [UInt8](repeating: UInt8(ascii: " "), count: route.limit + 1)
        try await admin.send("POST", route.path, bytes: body, headers: headers).expectProblem(413, "body_too_large")
    }

    @Test("a body of just the limit is read", arguments: [[:], ["Transfer-Encoding": "chunked"]])
    func largest(headers: [String: String]) async throws {
        let admin = try await PurserServer.shared.admin
        let quote = #"{"model":"claude-opus-4-5","usage":{"input_tokens":1}}"#
        let body = Array(quote.utf8) + [UInt8](repeating: UInt8(ascii: " "), count: (8 << 20) - quote.utf8.count)
        #expect(try await admin.send("POST", "/v1/quote", bytes: body, headers: headers).status == 200)
    }
}
