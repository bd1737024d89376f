import Accounting
import Postgres
import Testing

@testable import Ledger

/// One opus token costs 10 nanodollars.
@Suite("Credits and closed months") struct ClosedMonthCreditTests {
    @Test("what was drawn in a closed month is written down, and stays whatever comes") func unchanged() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            try connection.addCredit("c", 10)
            try connection.book(4, on: "2026-01-05")
            try connection.close("2026-01")
            let january = ["c 2026-01-05 t opus 4"]
            #expect(try connection.drawn(in: "2026-01") == january)
            #expect(try fixture.count("credit_draw") == 1)
            // This credit would have been drawn first.
            try connection.addCredit("narrow", 10, from: "2026-02-01", until: "2026-02-03", model: "opus")
            try connection.book(3, on: "2026-01-05", in: "2026-02")
            try connection.book(9, on: "2026-02-02")
            #expect(try connection.drawn(in: "2026-01") == january)
            #expect(
                try connection.drawn(in: "2026-02") == ["c 2026-01-05 t opus 3", "narrow 2026-02-02 t opus 9"])
            for table in ["credit", "credit_draw"] {
                for statement in ["UPDATE \(table) SET team = 'x'", "DELETE FROM \(table)"] {
                    let error = #expect(throws: PostgresError.self) {
                        try connection.execute(SQL(unescaped: statement))
                    }
                    #expect(error?.sqlState == "23001")
                }
            }
        }
    }

    @Test("a month is not closed while a batch books into it, and what that booked is drawn") func underWay()
        async throws
    {
        try await LedgerFixture.with { fixture in
            let (writer, closer) = (try fixture.connect(), try fixture.connect())
            try writer.addCredit("c", 10)
            try writer.execute("SELECT ensure_month('2026-01-01')")
            try writer.execute("BEGIN")
            let month = Int32(CalendarMonth(text: "2026-01")!.number)
            // Writers take the same shared lock on the month.
            try writer.execute("SELECT pg_advisory_xact_lock_shared(\(AdvisoryLock.month.rawValue), \(month))")
            try closer.execute("SET lock_timeout = 200")
            let error = #expect(throws: PostgresError.self) { try closer.close("2026-01") }
            #expect(error?.sqlState == "55P03")
            try writer.book(4, on: "2026-01-05")
            try writer.execute("COMMIT")
            try closer.close("2026-01")
            #expect(try closer.drawn(in: "2026-01") == ["c 2026-01-05 t opus 4"])
        }
    }

    @Test("a call that comes late is paid in the month it is booked in, by what held on its day") func late()
        async throws
    {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let replica = try fixture.replica()
            try connection.addCredit("autumn", 1_000, from: "2026-10-01", until: "2026-11-01")
            try await Self.report("a", 30, "2026-10-20", replica)
            try connection.close("2026-10")
            try connection.addCredit("winter", 1_000, from: "2026-11-01")
            try await Self.report("b", 50, "2026-10-21", replica)
            try await Self.report("c", 70, "2026-11-02", replica)
            #expect(try connection.drawn(in: "2026-10") == ["autumn 2026-10-20 t opus 300"])
            #expect(
                try connection.drawn(in: "2026-11") == [
                    "autumn 2026-10-21 t opus 500", "winter 2026-11-02 t opus 700",
                ])
            #expect(try CreditStore.find("autumn", connection).remaining == Money(nanodollars: 200))
            try fixture.expectNoProblems()
            await replica.drain()
        }
    }

    /// Corrections of a day that cost 10, of which `first` paid 4, `second` 3 and the invoice 3; and what each
    /// correction gives back to the credits.
    static let corrections: [(difference: Int64, drawn: [String])] = [
        (-3, []), (-4, ["second 2026-01-05 t opus -1"]), (-6, ["second 2026-01-05 t opus -3"]),
        (-8, ["first 2026-01-05 t opus -2", "second 2026-01-05 t opus -3"]),
        (-10, ["first 2026-01-05 t opus -4", "second 2026-01-05 t opus -3"]),
        (-12, ["first 2026-01-05 t opus -4", "second 2026-01-05 t opus -3"]), (2, []),
    ]

    @Test(
        "a correction gives back first what is invoiced, then what credits paid, the last of them first",
        arguments: corrections)
    func correction(difference: Int64, drawn: [String]) async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            try connection.addCredit("first", 4, until: "2026-03-01")
            try connection.addCredit("second", 3)
            try connection.book(10, on: "2026-01-05")
            try connection.close("2026-01")
            try connection.book(difference, on: "2026-01-05", in: "2026-02")
            #expect(try connection.drawn(in: "2026-02") == drawn)
            // February closes too, and the day is corrected again. Together, the credits never pay more than the day
            // costs.
            try connection.close("2026-02")
            try connection.book(-difference, on: "2026-01-05", in: "2026-03")
            let sum: Int64 = try connection.query(
                """
                SELECT COALESCE(sum(drawn_nanodollars), 0)::bigint FROM credits_drawn('2026-03-01')
                WHERE booking_month > '2026-01-01'
                """)[0].decode(at: 0)
            #expect(sum == 0)
            #expect(try connection.drawn(in: "2026-02") == drawn)
        }
    }

    @Test("what is given back pays the calls of the month") func drawnAgain() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            try connection.addCredit("c", 10)
            try connection.book(10, on: "2026-01-05")
            try connection.close("2026-01")
            try connection.book(5, on: "2026-01-04", in: "2026-02")
            try connection.book(7, on: "2026-02-01")
            #expect(try connection.drawn(in: "2026-02") == [])
            try connection.book(-6, on: "2026-01-05", in: "2026-02")
            #expect(
                try connection.drawn(in: "2026-02") == [
                    "c 2026-01-04 t opus 5", "c 2026-01-05 t opus -6", "c 2026-02-01 t opus 1",
                ])
        }
    }

    @Test("a day that was corrected to less than nothing is paid for no more than it costs in all") func negative()
        async throws
    {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            try connection.addCredit("c", 100)
            for (cost, month, drawn) in [
                (10, "2026-01", ["c 2026-01-05 t opus 10"]), (-12, "2026-02", ["c 2026-01-05 t opus -10"]),
                (5, "2026-03", ["c 2026-01-05 t opus 3"]),
            ] as [(Int64, String, [String])] {
                try connection.book(cost, on: "2026-01-05", in: month)
                #expect(try connection.drawn(in: month) == drawn)
                try connection.close(month)
            }
        }
    }

    @Test("a verification finds what was written down wrongly")
    func verification() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let replica = try fixture.replica()
            try connection.addCredit("c", 1_000, from: "2026-10-01")
            try await Self.report("a", 30, "2026-10-20", replica)
            try connection.close("2026-10")
            try fixture.expectNoProblems()
            try connection.executeScript(
                "ALTER TABLE credit_draw DISABLE TRIGGER USER; UPDATE credit_draw SET drawn_nanodollars = 1001")
            #expect(
                try fixture.problems().sorted() == [
                    "credits have paid 1001 nanodollars of the calls of t on 2026-10-20 of opus, which cost 300",
                    "the credit c had 1000 nanodollars and has paid 1001",
                ])
            await replica.drain()
        }
    }

    private static func report(_ id: String, _ tokens: Int64, _ day: String, _ replica: Replica) async throws {
        let moment = try #require(Timestamp(rfc3339: "\(day)T12:00:00Z"))
        #expect(await replica.report(LedgerFixture.event(id, replica, tokens: tokens, at: moment)).word == "recorded")
    }
}
