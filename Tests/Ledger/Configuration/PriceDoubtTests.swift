import Ledger
import Postgres
import PostgresTesting
import Pricing
import Testing

@Suite("A price that is probably a mistake") struct PriceDoubtTests {
    /// Sixty models at 1 USD a million tokens of input, and `model` at `usd`.
    private func add(
        _ usd: String, of model: String = "m0", entry: String = "", meant: Bool = false, _ connection: Connection
    ) throws -> Int {
        let file = try LedgerFixture.priceFile(
            """
              \(model):
                prices:
                  - {from: 2026-11-01, \(entry.isEmpty ? "standard: {input_tokens: \"\(usd)\"}" : entry)}
            """)
        return try PriceStore.add([file], from: .asWritten, isDryRun: false, areMeant: meant, connection).change.added
    }

    private func withBook(_ body: @escaping @Sendable (Connection) throws -> Void) async throws {
        try await TestDatabase.with(LedgerFixture.migrated) { database in
            let connection = try database.connect()
            for number in 0..<60 { #expect(try add("1", of: "m\(number)", meant: true, connection) == 1) }
            try body(connection)
        }
    }

    @Test(
        "is refused where it is a hundred times what it was, or a hundredth, unless it is meant",
        arguments: [("100", true), ("100.000001", false), ("0.01", true), ("0.009999", false)])
    func change(usd: String, isTaken: Bool) async throws {
        try await withBook { connection throws in
            if isTaken {
                #expect(try add(usd, connection) == 1)
            } else {
                let doubt = #expect(throws: PriceDoubt.self) { _ = try add(usd, connection) }
                #expect(doubt?.sentences.count == 1)
                #expect(try PriceStore.list(model: "m0", provider: nil, connection).count == 1, "something was taken")
                #expect(try add(usd, meant: true, connection) == 1)
            }
        }
    }

    @Test(
        "is refused where a new model's token costs a thousand times what nearly all models' does",
        arguments: [
            (#"standard: {input_tokens: "1000"}"#, true), (#"standard: {input_tokens: "1000.000001"}"#, false),
            (#"standard: {output_tokens: "1000000"}"#, true), (#"each: {images: "900"}"#, true),
        ])
    func class_(entry: String, isTaken: Bool) async throws {
        try await withBook { connection throws in
            if isTaken {
                #expect(try add("", of: "new", entry: entry, connection) > 0)
            } else {
                let doubt = #expect(throws: PriceDoubt.self) { _ = try add("", of: "new", entry: entry, connection) }
                #expect(
                    "\(doubt!)"
                        == "input_tokens of p/new (standard) would cost 0.001000000001 USD for one, 1000 times what "
                        + "99 of 100 models cost at most: 0.000001.")
            }
        }
    }
}
