import Accounting
import Postgres
import PostgresTesting
import Testing

@testable import Ledger

/// A plan that is made while tables are empty can read all of one later; what says so is the count of rows read.
@Suite("The statements of a server with many leases") struct RowsReadTests {
    private static let windows = 150

    /// Rows of `table` that were read since it was made, once what was inserted shows that all is counted.
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
            // Looked at, locked and changed by the round that leased it and by the batch that spent from it; once more by
            // each heartbeat and at the end.
            for table in ["lease", "budget_window"] {
                #expect(try await rowsRead(table, fixture) < Int64(Self.windows * 25))
            }
            #expect(try fixture.problems() == [])
        }
    }
}
