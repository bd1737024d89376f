import JSON
import Testing

@Suite struct PriceDoubtTests {
    @Test(
        "a price that is probably a mistake is refused, also in a trial, unless it is meant; a byte order mark is read over"
    )
    func doubt() async throws {
        let team = try await Team()
        func imported(_ usd: String, _ query: String = "") async throws -> Reply {
            try await team.admin.send(
                "POST", "/v1/prices/import\(query)", "\u{FEFF}" + PriceTests.file(team.name, input: usd),
                type: "application/yaml")
        }
        #expect(try await imported("2.50").status == 200)
        for query in ["", "?dry_run=true"] {
            try await imported("150000", query).expectProblem(422, "doubtful_prices", pointer: "/force")
        }
        let rows = try await team.admin.json("GET", "/v1/prices?model=model-of-\(team.name)").list("prices")
        #expect(rows.count == 2)

        let command = try await team.purser(
            "price", "import", "-", input: PriceTests.file(team.name, input: "150000"))
        command.expect(1, output: false, errors: true)
        #expect(command.errors.contains("60000 times more than before: 0.15 USD for one, not 0.0000025."))
        #expect(command.errors.contains("--force is needed if this is meant"))
        try await team.purser(
            "price", "import", "-", "--force", input: PriceTests.file(team.name, input: "150000")
        ).expect(0, output: true)
        #expect(try await imported("2.50", "?force=true").status == 200)
    }
}
