import Accounting
import Postgres
import Testing

@testable import Ledger

/// Costs and credits are in nanodollars. Days are counted back from today, because a day is kept once it is quiet.
@Suite("The days that are kept of credits") struct CreditDayTests {
    private static func day(_ daysAgo: Int64) -> String {
        CalendarDay(daysSince1970: SystemClock.wallTime().day.daysSince1970 - Int(daysAgo)).description
    }

    /// A credit of 100, which pays 5 on each of sixty days, and then on the days until today.
    private func withSixtyDays(_ body: (LedgerFixture, Connection) throws -> Void) async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            try connection.addCredit("c", 1_000, from: Self.day(60))
            for daysAgo in 0...Int64(60) { try connection.book(5, on: Self.day(daysAgo)) }
            try body(fixture, connection)
        }
    }

    private func keepAll(_ connection: Connection, sums: Int = 1_000) throws {
        while try CreditDays.keep(sums: sums, connection) > 0 {}
    }

    private func drawn(_ connection: Connection) throws -> Int64 {
        try CreditStore.find("c", connection).drawn.nanodollars
    }

    private func expected(_ connection: Connection) throws -> Int64 {
        try connection.query("SELECT sum(drawn_nanodollars)::bigint FROM credits_drawn('infinity')")[0].decode(at: 0)
    }

    /// How many daily sums a look at a credit works out anew.
    private func workedOut(_ connection: Connection) throws -> Int64 {
        try connection.query(
            """
            SELECT count(*) FROM rollup r, credit_day_valid v
            WHERE (r.booking_month, r.day) > (v.booking_month, v.pay_day)
            """)[0].decode(at: 0)
    }

    @Test("are those that are quiet, a portion at a time, and leave the last days to be worked out") func portions()
        async throws
    {
        try await withSixtyDays { fixture, connection in
            #expect(try workedOut(connection) == 61 && drawn(connection) == 305)
            // A portion ends with its booking month.
            let portion = try CreditDays.keep(sums: 10, connection)
            #expect(portion > 0 && portion <= 10)
            #expect(try workedOut(connection) == 61 - Int64(portion) && fixture.count("credit_day") == portion)
            try keepAll(connection)
            #expect(try workedOut(connection) == 5 && fixture.count("credit_day") == 56)
            #expect(try drawn(connection) == 305)
            // Calls of these days go on, without a note.
            for daysAgo in Int64(0)...2 { try connection.book(7, on: Self.day(daysAgo)) }
            #expect(try fixture.count("credit_day_change") == 0)
            #expect(try drawn(connection) == 326 && expected(connection) == 326)
        }
    }

    /// What somebody does who knows nothing of kept days, and which day it changes first.
    static let changes: [(statement: String, daysAgo: Int64)] = [
        ("UPDATE rollup SET effective_cost_nanodollars = 2 WHERE day = current_date - 30", 30),
        ("UPDATE rollup SET effective_cost_nanodollars = -3 WHERE day = current_date - 5", 5),
        (
            """
            INSERT INTO rollup SELECT (jsonb_populate_record(r, '{"model": "haiku"}')).*
            FROM rollup r WHERE day = current_date - 40
            """, 40
        ),
        (
            """
            INSERT INTO credit (id, provider, amount_nanodollars, valid_from, valid_until, added_by)
            VALUES ('first', 'maker', 20, current_date - 20, current_date, 'test')
            """, 20
        ),
        ("INSERT INTO credit_withdrawal (credit_id, withdrawn_by) VALUES ('other', 'test')", 60),
    ]

    @Test("hold up to the first day that anybody changes, and are kept anew from there", arguments: changes)
    func change(_ statement: String, _ daysAgo: Int64) async throws {
        try await withSixtyDays { _, connection in
            try connection.addCredit("other", 3, from: Self.day(60))
            try keepAll(connection)
            #expect(try workedOut(connection) == 5)
            #expect(try connection.execute(SQL(unescaped: statement)) == 1)
            #expect(try workedOut(connection) >= daysAgo + 1)
            #expect(try workedOut(connection) <= daysAgo + 2)
            func total() throws -> Int64 { try CreditStore.list(connection).reduce(0) { $0 + $1.drawn.nanodollars } }
            #expect(try total() == expected(connection))
            try keepAll(connection, sums: 7)
            #expect(try workedOut(connection) == 5 && total() == expected(connection))
        }
    }

    @Test("do not miss a change that commits while they are kept") func underWay() async throws {
        try await withSixtyDays { fixture, connection in
            let writer = try fixture.connect()
            try writer.execute("BEGIN")
            try writer.book(4, on: Self.day(30))
            try keepAll(connection)
            #expect(try workedOut(connection) == 5 && drawn(connection) == 305)
            try writer.execute("COMMIT")
            #expect(try workedOut(connection) == 31 && drawn(connection) == 309)
            try keepAll(connection)
            #expect(try workedOut(connection) == 5 && drawn(connection) == 309)
        }
    }

    @Test("are kept by one server at a time") func oneAtATime() async throws {
        try await withSixtyDays { fixture, connection in
            let other = try fixture.connect()
            try other.transaction { transaction in
                try transaction.execute("SELECT FROM credit_day_mark FOR UPDATE")
                #expect(try CreditDays.keep(connection) == 0)
            }
            #expect(try CreditDays.keep(connection) > 0)
        }
    }
}
