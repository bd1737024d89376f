import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("A closed month that was tampered with") struct MonthTamperingTests {
    /// What somebody does who has switched the triggers off, and what is said of it.
    static let tamperings: [(statement: String, says: String)] = [
        ("UPDATE ledger SET region = 'x' WHERE request_id = 'b'", "are not those it was closed with"),
        ("UPDATE ledger SET run = 'x' WHERE request_id = 'b'", "are not those it was closed with"),
        ("DELETE FROM ledger WHERE request_id = 'b'", "was closed with 3 entries and has 2"),
        (
            """
            INSERT INTO ledger SELECT (jsonb_populate_record(l, '{"entry_id": 7, "request_id": "x"}')).*
            FROM ledger l WHERE request_id = 'b'
            """, "was closed with 3 entries and has 4"
        ),
        (
            "UPDATE month_report SET content = jsonb_set(content, '{rows,0,0}', '\"u\"') WHERE report = 'monthly' AND team = '' AND month = (SELECT max(month) FROM month_report)",
            "the reports of"
        ),
        (
            "DELETE FROM month_report WHERE report = 'monthly' AND month = (SELECT max(month) FROM month_report)",
            "the reports of"
        ),
        (
            "UPDATE month_team SET cost_center = 'x' WHERE month = (SELECT max(month) FROM month_team)",
            "the names of its teams"
        ),
        ("UPDATE rollup SET effective_cost_nanodollars = effective_cost_nanodollars + 1", "the daily sums of"),
        (
            """
            WITH cut AS (DELETE FROM ledger WHERE request_id = 'c' RETURNING *),
                batches AS (DELETE FROM batch b USING cut WHERE b.replica_id = cut.batch_replica_id
                    AND b.number >= cut.batch_number),
                keys AS (DELETE FROM entry_key k USING cut WHERE k.entry_id = cut.entry_id)
            UPDATE rollup r SET entries = entries - 1, calls = calls - 1,
                input_tokens = r.input_tokens - 10,
                list_cost_nanodollars = r.list_cost_nanodollars - 100,
                effective_cost_nanodollars = r.effective_cost_nanodollars - 100
            FROM cut
            """, "was closed with 3 entries and has 2"
        ),
    ]

    @Test("is found and named", arguments: tamperings)
    func tampering(statement: String, says: String) async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            try await fixture.book(["a", "b", "c"], in: PastMonth.last, replica)
            try await fixture.forceClosed(PastMonth.last, replica)
            await replica.drain()
            try fixture.expectNoProblems()
            let connection = try fixture.connect()
            try connection.execute("DELETE FROM verified_chain")
            try connection.execute("SET session_replication_role = replica")
            #expect(try connection.execute(SQL(unescaped: statement)) > 0)
            let found = try #require(
                try Verification.run(connection).checks.first {
                    $0.claim == "every closed month is what its statement says"
                })
            #expect(
                found.problems.contains { $0.contains(says) && $0.contains(PastMonth.last.description) },
                "\(found.problems)")
        }
    }

    @Test("and whose last batch was cut off with its sums is whole to all other checks") func cut() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            try await fixture.book(["a", "b", "c"], in: PastMonth.last, replica)
            try await fixture.forceClosed(PastMonth.last, replica)
            await replica.drain()
            let connection = try fixture.connect()
            try connection.execute("SET session_replication_role = replica")
            for table in ["verified", "verified_chain"] { try connection.execute("DELETE FROM \(unescaped: table)") }
            try connection.execute(SQL(unescaped: Self.tamperings[8].statement))
            // The three calls are alike, so a third of each sum is the last one's.
            for (table, columns) in [("detail_sum", DetailSums.sumColumns), ("meter_sum", MeterSums.sumColumns)] {
                let changes = columns.map { "\($0) = \($0) * 2 / 3" }.joined(separator: ", ")
                try connection.execute("UPDATE \(unescaped: table) SET \(unescaped: changes)")
            }
            let failed = try Verification.run(connection).checks.filter { !$0.problems.isEmpty }.map(\.claim)
            #expect(failed == ["every closed month is what its statement says"])
        }
    }
}
