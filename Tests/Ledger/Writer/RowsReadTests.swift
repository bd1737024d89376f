import Accounting
import Postgres
import PostgresTesting
import Testing

@testable import Ledger

/// A query plan made while tables are empty may later read a whole table. The count of rows read shows whether it does.
@Suite("The statements of a server with many leases") struct RowsReadTests {
    private static let windows = 150

    /// How many rows of `table` were read since the table was made. The statistics are complete once they show the
    /// inserted rows.
    private func rowsRead(_ table: String, _ fixture: LedgerFixture) async throws -> Int64 {
        @Sendable func counted() throws -> (inserted: Int64, read: Int64) {
            try fixture.connect().query(
                """
                SELECT n_tup_ins, seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relname = \(table)
                """)[0].decode((Int64, Int64).self)
        }
        try await eventually { try counted().inserted >= Int64(Self.windows) }
        return try counted().read
    }

    @Test("read the leases and windows they change, and no others") func read() async throws {
        try await LedgerFixture.with { fixture in
            try fixture.connect().execute(
                """
                INSERT INTO budget (id, team, "user", period, time_zone, unit, limit_amount, enforcement)
                SELECT 'u' || n, 't', 'u' || n, 'month', 'UTC', 'usd', 1000000, 'hard'
                FROM generate_series(1, \(Int32(Self.windows))) n
                """)
            let replica = try fixture.replica()
            for number in 1...Self.windows {
                let who = Attribution(team: "t", user: "u\(number)")
                let hold = try await replica.hold(LedgerFixture.call("r\(number)", who: who))
                #expect(await replica.settle(hold, tokens: 10).word == "recorded")
            }
            await replica.drain()
            // The grant batch that leased a row and the ledger batch that spent from it each look up, lock and change
            // the row. Each heartbeat and the shutdown read it once more.
            for table in ["lease", "budget_window"] {
                #expect(try await rowsRead(table, fixture) < Int64(Self.windows * 25))
            }
            try fixture.expectNoProblems()
        }
    }
}
