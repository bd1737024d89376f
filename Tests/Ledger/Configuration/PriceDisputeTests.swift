import Accounting
import Ledger
import Postgres
import PostgresTesting
import Pricing
import Testing

@Suite("What the sources of the price book do not agree on") struct PriceDisputeTests {
    private func file(disputed: String) throws -> PriceFile {
        try PriceFile.parse(
            """
            provider: p
            maker: false
            sources:
              one: {figures: the first, retrieved: 2026-11-21}
              other: {figures: the second, retrieved: 2026-11-28}
            currency: USD
            per: 1000000 tokens
            models:
              m:
                prices:
                  - from: 2020-01-01
                    standard: {input_tokens: "2"}
            \(disputed)
              n:
                prices:
                  - from: 2020-01-01
                    source: other
                    standard: {input_tokens: "4"}
                    above_200000_tokens: {standard: {input_tokens: "8"}}
                    disputed: {one: {above_200000_tokens: {standard: {input_tokens: "7"}}}}
            """, fileName: "p.yaml")
    }

    @Test("charges nobody, and is told of the models in use, or of all")
    func told() async throws {
        try await TestDatabase.with(LedgerFixture.migrated) { database in
            let connection = try database.connect()
            func add(_ disputed: String) throws {
                _ = try PriceStore.add([file(disputed: disputed)], from: .asWritten, isDryRun: false, connection)
            }
            try add(#"        disputed: {other: {standard: {input_tokens: "1.5"}}}"#)
            let rows = try PriceStore.list(model: nil, provider: nil, connection)
            #expect(rows.map(\.price.femtodollarsPerUnit) == [2_000_000_000, 4_000_000_000, 8_000_000_000])
            #expect(
                rows.map(\.source) == [
                    "the first (2026-11-21)", "the second (2026-11-28)", "the second (2026-11-28)",
                ])

            #expect(try PriceFinding.all(team: nil, connection).isEmpty, "no model is in use")
            let ofM =
                "input_tokens, standard: charged at 0.000002 USD by the first (2026-11-21), "
                + "but 0.0000015 USD by the second (2026-11-28)"
            let ofN =
                "input_tokens, standard above 200,000 tokens: charged at 0.000008 USD by the second (2026-11-28), "
                + "but 0.000007 USD by the first (2026-11-21)"
            let all = try PriceFinding.all(team: nil, ofAllModels: true, connection)
            #expect(all.map(\.detail) == [ofM, ofN] && all.allSatisfy { $0.kind == .disputed })

            try LedgerFixture.use("m", of: "p", daysAgo: 30, unpriced: 0, connection)
            try LedgerFixture.use("n", of: "p", daysAgo: 31, unpriced: 0, connection)
            #expect(try PriceFinding.all(team: nil, connection).map(\.detail) == [ofM])
            #expect(try PriceFinding.all(team: "u", connection).isEmpty, "a team sees nothing of another one's use")

            // A file of one source alone takes back nothing of what others say.
            let own = try LedgerFixture.priceFile(
                #"  m: {prices: [{from: 2020-01-01, standard: {output_tokens: "5"}}]}"#)
            _ = try PriceStore.add([own], from: .asWritten, isDryRun: false, connection)
            #expect(try PriceFinding.all(team: nil, ofAllModels: true, connection).map(\.detail) == [ofM, ofN])

            // Another file of the same models says anew what is disputed of them.
            try add("")
            #expect(try PriceFinding.all(team: nil, ofAllModels: true, connection).map(\.detail) == [ofN])
        }
    }

    @Test(
        "is refused where a source is not listed, or two sources have a price for one time",
        arguments: [
            (
                #"        disputed: {third: {standard: {input_tokens: "1"}}}"#,
                "a source that the file does not list: third"
            ),
            (
                #"      - {from: 2021-01-01, source: other, standard: {input_tokens: "3"}}"#,
                "has two prices of input_tokens (standard) for one time"
            ),
            (
                #"      - {from: 2019-01-01, source: other, standard: {output_tokens: "3"}}"#,
                "entries stand in order of from"
            ),
        ])
    func refused(lines: String, problem: String) {
        let failure = #expect(throws: PriceFileError.self) { _ = try file(disputed: lines) }
        #expect(failure.map { "\($0)".contains(problem) } == true, "\(failure.map { "\($0)" } ?? "")")
    }
}
