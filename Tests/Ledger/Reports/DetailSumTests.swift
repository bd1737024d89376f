import Postgres
import SeededRandom
import Testing

@testable import Accounting
@testable import Ledger

@Suite("Sums by user, run and tags") struct DetailSumTests {
    @Test("are the ledger's with what is behind their fences, at every moment of their folding", arguments: seeds)
    func folding(seed: UInt64) async throws {
        try await SpentMonths.with(seed: seed) { months, connection in
            let columns = DetailSums.sumColumns.map { "sum(\($0))" }.joined(separator: ", ")
            func sums(_ table: String) throws -> [String] {
                let row = try connection.query("SELECT \(unescaped: columns) FROM \(unescaped: table)")[0]
                return try DetailSums.sumColumns.indices.map { "\(try row.decode(Int128.self, at: $0))" }
            }
            let truth = try sums("ledger_detail")
            #expect(try sums("detailed_cost") == truth)
            while try DetailSums.fold.run(takesSmall: true, connection).entries > 0 {
                #expect(try sums("detailed_cost") == truth)
            }
            #expect(try sums("detail_sum") == truth)
            #expect(try months.fixture.count("detail_sum") > 10)
            try months.fixture.expectNoProblems()
        }
    }

    @Test(
        "that were tampered with are found",
        arguments: [
            "UPDATE detail_sum SET effective_cost_nanodollars = effective_cost_nanodollars + 1 WHERE model = 'opus'",
            "UPDATE detail_sum SET run = 'other' WHERE run = 'r1'", "DELETE FROM detail_sum WHERE user_id <> 0",
            "UPDATE detail_sum_fence SET entry_id = entry_id - 5 WHERE batch_number > 0",
        ])
    func tampering(statement: String) async throws {
        try await SpentMonths.with(seed: 7, calls: 40) { months, connection in
            try SpentMonths.fold(connection)
            try months.fixture.expectNoProblems()
            #expect(try connection.execute(SQL(unescaped: statement)) > 0)
            let check = try Verification.run(connection).checks.first { $0.claim.contains("user, run and tags") }
            #expect(try #require(check).problems.isEmpty == false)
        }
    }

    @Test("give a user who was erased no name, and lose nothing") func erased() async throws {
        try await SpentMonths.with(seed: 3, calls: 60) { months, connection in
            try SpentMonths.fold(connection)
            let query = ReportQuery(ReportRange(months.month))
            let before = try SpentMonths.report("users", query, connection)
            #expect(before.rows.contains { $0[0].text == "ann" })
            try connection.execute("UPDATE person SET name = NULL WHERE name = 'ann'")
            let after = try SpentMonths.report("users", query, connection)
            #expect(after.rows.contains { $0[0].text == "erased" } && !after.rows.contains { $0[0].text == "ann" })
            #expect(after.total("cost_usd") == before.total("cost_usd"))
        }
    }
}
