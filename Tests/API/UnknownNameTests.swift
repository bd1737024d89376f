import Foundation
import JSON
import Testing

/// A name of a price that nobody knows is told, with the name that may have been meant.
@Suite("A name that the price book lacks") struct UnknownNameTests {
    @Test(
        "is refused where it is sent",
        arguments: [
            (
                "POST", "/v1/quote", #"{"model":"claude-opus-4-5","usage":{"input_tokens":1,"web_serches":1}}"#,
                "is not a known meter: web_serches (did you mean web_searches?)"
            ),
            (
                "POST", "/v1/authorize",
                #"{"request_id":"r","team":"TEAM","model":"claude-opus-4-5","input_tokens":1,"bounds":{"web_serches":1}}"#,
                "is not a known meter: web_serches (did you mean web_searches?)"
            ),
            (
                "PUT", "/v1/agreements/TEAM",
                #"{"model":"claude-opus-4-5","valid_from":"2026-01-01T00:00:00Z","rates":[{"meter":"outptu_tokens","unit_price_usd":"1"}]}"#,
                "is not a known meter: outptu_tokens (did you mean output_tokens?)"
            ),
            (
                "PUT", "/v1/agreements/TEAM",
                #"{"model":"claude-opsu-4-5","valid_from":"2026-01-01T00:00:00Z","discount":0.1}"#,
                "is not in the price book: claude-opsu-4-5 (did you mean"
            ),
            (
                "POST", "/v1/prices/rerate", #"{"from":"2026-11-01","model":"nope"}"#,
                "is not in the price book: nope"
            ),
            (
                "POST", "/v1/prices/rerate", #"{"from":"2026-11-01","model":"claude-opus-4-5","provider":"antropic"}"#,
                "is not in the price book: claude-opus-4-5 of antropic (did you mean anthropic?)"
            ),
        ])
    func refused(method: String, path: String, body: String, detail: String) async throws {
        let team = try await Team()
        let reply = try await team.admin.send(
            method, path.replacing("TEAM", with: team.name), body.replacing("TEAM", with: team.name))
        #expect(reply.status == 422)
        let problem = try JSONDocument(Array(reply.text.utf8)).root
        let error = try #require(try problem.list("errors").first)
        #expect(try error.text("detail").hasPrefix(detail), "\(problem.source)")
    }

    @Test(
        "as a filter of the price list leaves nothing, and is told",
        arguments: [
            ("model=nope", "The price book has no model nope."),
            ("provider=antropic", "The price book has no provider antropic (did you mean anthropic?)."),
            (
                "model=claude-opus-4-5&provider=antropic",
                "The price book has no provider antropic (did you mean anthropic?)."
            ),
            ("model=claude-opus-4-5&provider=anthropic", nil),
        ] as [(String, String?)])
    func list(query: String, message: String?) async throws {
        let admin = try await PurserServer.shared.admin
        let answer = try await admin.json("GET", "/v1/prices?\(query)")
        #expect(try answer.list("prices").isEmpty == (message != nil))
        #expect(try answer.list("warnings").map { $0["message"]?.string } == (message.map { [$0] } ?? []))
    }

    @Test("is told by the command, which says once what is wrong")
    func commands() async throws {
        let team = try await Team()
        let list = try await team.purser("price", "list", "--model", "nope", "--output", "csv")
        list.expect(0, output: true)
        #expect(list.errors == "Warning: The price book has no model nope.\n" && list.lines.count == 1)
        let show = try await team.purser("price", "show", "claude-opsu-4-5")
        show.expect(1, output: false)
        #expect(show.errors.hasPrefix("Error: The price book has no model claude-opsu-4-5 (did you mean "))
        let rerate = try await team.purser("price", "rerate", "--from", "2026-11-01", "--model", "nope")
        rerate.expect(1, output: false)
        #expect(rerate.errors == "Error: --model is not in the price book: nope.\n")
        let quote = try await team.purser(
            "quote", "claude-opus-4-5", "--input", "1", "--meter", "web_serches=1", "--region", "mars")
        #expect(quote.errors == "Error: --meter is not a known meter: web_serches (did you mean web_searches?).\n")
    }

    @Test("as a region is priced as everywhere, and told", arguments: [("mars", true), ("us", false)])
    func region(name: String, isUnknown: Bool) async throws {
        let team = try await Team()
        let message = "No price is for the region mars: the price for everywhere is used."
        let quote = try await team.admin.json(
            "POST", "/v1/quote", #"{"model":"claude-opus-4-5","region":"\#(name)","usage":{"input_tokens":1}}"#)
        #expect(try quote.list("warnings").map { $0["message"]?.string } == (isUnknown ? [message] : []))
        for isDryRun in [true, false] {
            let verdict = try await team.authorize(
                "r-\(isDryRun)", more: #","region":"\#(name)","dry_run":\#(isDryRun)"#)
            // A router names the region that a call goes to, whether or not it costs something else there.
            #expect(
                try verdict.list("warnings").map { $0["message"]?.string } == (isUnknown && isDryRun ? [message] : []))
        }
    }

    @Test("of a meter in a price file is refused where it is nearly a known one, unless the file declares it")
    func priceFile() async throws {
        let team = try await Team()
        let provider = UUID().uuidString.prefix(8).lowercased()
        func imported(_ text: String) async throws -> Reply {
            try await team.admin.send("POST", "/v1/prices/import", text, type: "application/yaml")
        }
        let plain = PriceTests.file(provider)
        let file = plain.replacing(" output_tokens", with: " outptu_tokens")
        let misspelt = try await imported(file)
        #expect(misspelt.status == 422)
        #expect(
            misspelt.text.contains(
                "models.model-of-\(provider).prices[0].standard.outptu_tokens is not a known meter: outptu_tokens "
                    + "(did you mean output_tokens?); if it is a new meter, declare it in the file: meters: [outptu_tokens]"
            ),
            "\(misspelt.text)")
        let new = plain.replacing(" output_tokens", with: " tokens_of_\(provider)_tokens")
        #expect(try await imported(new).status == 200)
        // From now on that is a known one, too.
        let near = plain.replacing(" output_tokens", with: " tokens_fo_\(provider)_tokens")
        #expect(try await imported(near).status == 422)
        let declared = near.replacing("models:\n", with: "meters: [tokens_fo_\(provider)_tokens]\nmodels:\n")
        #expect(try await imported(declared).status == 200)
        #expect(try await imported(near).status == 200)
    }
}
