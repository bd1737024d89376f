import Foundation
import JSON
import Testing

@Suite("purser price update") struct PriceUpdateTests {
    /// A price map with models of one provider that only this test uses, by their price in dollars a million tokens.
    private static func map(_ provider: String, _ prices: [String: String]) -> String {
        let entries = prices.sorted { $0.key < $1.key }.map { name, input in
            """
            "\(name)": {"litellm_provider": "\(provider)", "mode": "chat", "input_cost_per_token": \(input)e-6,
              "output_cost_per_token": 1e-6, "max_output_tokens": 100}
            """
        }
        return "{\(entries.joined(separator: ", "))}"
    }

    @Test("shows what is new, what changed and what jumps, asks, leaves jumps out, and rates nothing again")
    func update() async throws {
        let team = try await Team()
        let folder = try ScratchDirectory()
        let file = "\(folder.path)/map.json"
        let (steady, rising, leaping) = ("steady-\(team.name)", "rising-\(team.name)", "leaping-\(team.name)")
        func write(_ prices: [String: String]) throws {
            try Self.map("u-\(team.name)", prices).write(toFile: file, atomically: true, encoding: .utf8)
        }
        func price(of model: String) async throws -> [String] {
            try await team.admin.json("GET", "/v1/prices?model=\(model)").list("prices")
                .filter { $0["meter"]?.string == "input_tokens" }.compactMap { $0["unit_price_usd"]?.string }
        }
        try write([steady: "2", rising: "2", leaping: "2"])
        let first = try await team.purser("price", "update", file, "--yes")
        first.expect(0, output: true, errors: true)
        #expect(first.output.hasPrefix("6 added, 0 changed, 0 ended, 0 unchanged; the price book is 2"))
        #expect(first.errors.contains("New: 6 prices of 3 models"))

        try write([steady: "2", rising: "5", leaping: "7"])
        let asked = try await team.purser("price", "update", file)
        asked.expect(2, errors: true)
        #expect(asked.errors.contains("Take this into the price book? Nobody can be asked here: --yes is needed."))
        for flags in [["--dry-run"], ["--yes"]] {
            let left = try await team.purser(["price", "update", file] + flags)
            left.expect(1, output: flags == ["--yes"], errors: true)
            #expect(left.errors.contains("Changed: 1 price of 1 model\n"))
            #expect(left.errors.contains("Jumps: changes of more than three times: 1 price of 1 model\n"))
            #expect(left.errors.contains("1 model with jumps"))
            #expect(try await price(of: rising) == (flags == ["--yes"] ? ["0.000002", "0.000005"] : ["0.000002"]))
        }
        #expect(try await price(of: leaping) == ["0.000002"])
        try await team.purser("price", "update", file, "--yes", "--jumps").expect(0, output: true, errors: true)
        #expect(try await price(of: leaping) == ["0.000002", "0.000007"])
        #expect(try await price(of: steady) == ["0.000002"])
        let again = try await team.purser("price", "update", file, "--yes")
        again.expect(0, output: true, errors: true)
        #expect(again.errors.contains("The price book has all of these prices already."))
    }

    private static let one =
        #"{\"m\": {\"litellm_provider\": \"refused-p\", \"input_cost_per_token\": 1e-6, \"output_cost_per_token\": 1e-6}}"#

    @Test(
        "a request that cannot be meant is refused",
        arguments: [
            ("", #"{}"#, "/files"), ("", #"{"files": []}"#, "/files"), ("", #"{"files": [{"name": "a"}]}"#, "/files/0"),
            ("", #"{"files": [{"name": "a", "text": "models: []"}]}"#, "/files/0/text"),
            ("", #"{"files": [{"name": "a", "text": "[1]"}]}"#, "/files/0/text"),
            ("", #"{"files": [{"name": "a", "text": "{\"status\": \"ok\"}"}]}"#, "/files/0/text"),
            (
                "",
                #"{"files": [{"name": "a", "text": "[{\"id\": \"p\", \"models\": []}]"}]}"#, "/files/0/text"
            ),
            ("?on=2020-01-01", #"{"files": [{"name": "a", "text": "\#(one)"}]}"#, "/on"),
            (
                "", #"{"files": [{"name": "a", "text": "\#(one)"}, {"name": "b", "text": "\#(one)"}]}"#,
                "/files/1/text"
            ),
            ("?on=2100-01-01", #"{"files": [{"name": "a", "text": "{}"}]}"#, "/on"),
            ("?jumps=perhaps", #"{"files": [{"name": "a", "text": "{}"}]}"#, "/jumps"),
        ])
    func refused(query: String, body: String, pointer: String) async throws {
        let team = try await Team()
        try await team.admin.send("POST", "/v1/prices/update\(query)", body)
            .expectProblem(422, "invalid_fields", pointer: pointer)
    }

    @Test("a file that is not there or no catalogue is told") func unreadable() async throws {
        let team = try await Team()
        let absent = try await team.purser("price", "update", "/nowhere/map.json", "--yes")
        absent.expect(1, errors: true)
        #expect(absent.errors.contains("Cannot read /nowhere/map.json"))
        let folder = try ScratchDirectory()
        try "models: []".write(toFile: "\(folder.path)/x.yaml", atomically: true, encoding: .utf8)
        let wrong = try await team.purser("price", "update", "\(folder.path)/x.yaml", "--yes")
        wrong.expect(1, errors: true)
        #expect(wrong.errors.contains("neither the price map of litellm nor the catalogue of genai-prices"))
        let refused = try await team.purser("price", "update", "http://127.0.0.1:1/map.json", "--yes")
        refused.expect(1, errors: true)
        #expect(refused.errors.contains("Cannot read the prices"))
    }
}
