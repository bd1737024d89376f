import Accounting
import Ledger
import Postgres
import PostgresTesting
import Pricing
import Testing

@Suite("A later file that leaves out what a model has") struct PriceLeftOutTests {
    private func file(_ entries: String, of model: String = "m") throws -> PriceFile {
        try LedgerFixture.priceFile(
            """
              \(model):
                prices:
                  - from: 2020-01-01
            \(entries.split(separator: "\n").map { "        \($0)" }.joined(separator: "\n"))

            """)
    }

    private static let whole = """
        standard: {input_tokens: "2", output_tokens: "8"}
        batch: {input_tokens: "1", output_tokens: "4"}
        each: {images: "0.04"}
        above_200000_tokens: {standard: {input_tokens: "3"}}
        regions: {eu: {standard: {input_tokens: "2.2"}}}
        """

    @Test(
        "is told what stays as it was",
        arguments: [
            (whole, nil),
            (
                """
                standard: {input_tokens: "2", output_tokens: "8"}
                each: {images: "0.04"}
                above_200000_tokens: {standard: {input_tokens: "3"}}
                regions: {eu: {standard: {input_tokens: "2.2"}}}
                """, "batch prices of m are not in this file: they stay as they were."
            ),
            (
                """
                standard: {input_tokens: "1.5"}
                batch: {input_tokens: "1"}
                above_200000_tokens: {standard: {input_tokens: "3"}}
                regions: {eu: {standard: {input_tokens: "2.2"}}}
                """,
                "prices of images and prices of output_tokens of m are not in this file: they stay as they were."
            ),
            (
                """
                standard: {input_tokens: "2", output_tokens: "8"}
                batch: {input_tokens: "1"}
                each: {images: "0.04"}
                """,
                "batch prices of output_tokens, standard prices of input_tokens above 200,000 tokens and standard "
                    + "prices of input_tokens in eu of m are not in this file: they stay as they were."
            ),
        ] as [(String, String?)])
    func leftOut(entries: String, message: String?) async throws {
        try await TestDatabase.with(LedgerFixture.migrated) { database in
            let connection = try database.connect()
            func change(_ file: PriceFile, isDryRun: Bool = false) throws -> [String] {
                try PriceStore.add([file], from: .asWritten, isDryRun: isDryRun, connection).change.leftOut
                    .map(\.message)
            }
            #expect(try change(file(Self.whole)).isEmpty, "the model is new")
            let expected = message.map { [$0] } ?? []
            #expect(try change(file(entries), isDryRun: true) == expected)
            #expect(try change(file(entries)) == expected)
            #expect(try change(file(#"standard: {input_tokens: "2"}"#, of: "n")).isEmpty, "m is not in the file")
        }
    }

    @Test("is not told of prices that have ended")
    func ended() async throws {
        try await TestDatabase.with(LedgerFixture.migrated) { database in
            let connection = try database.connect()
            for entries in [
                "until: 2021-01-01\n" + Self.whole, #"standard: {input_tokens: "2", output_tokens: "8"}"#,
            ] {
                let change = try PriceStore.add([file(entries)], from: .asWritten, isDryRun: false, connection).change
                #expect(change.leftOut.isEmpty)
            }
        }
    }
}
