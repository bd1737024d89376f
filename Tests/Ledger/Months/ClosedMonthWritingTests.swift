import Accounting
import Postgres
import Pricing
import Testing

@testable import Ledger

@Suite("Into a closed month") struct ClosedMonthWritingTests {
    /// A closed month with a call "a", of which the test knows the entry, and a hold that was open when it closed.
    private func withClosedMonth(
        _ body: (LedgerFixture, Connection, Replica, Hold) async throws -> Void
    ) async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1_000_000)]) { fixture in
            let replica = try fixture.replica()
            let connection = try fixture.connect()
            try connection.addCredit("c", 50, from: PastMonth.last.firstDay.description)
            let hold = try await replica.hold("h")
            try await fixture.book(["a", "new"], in: PastMonth.last, replica)
            try await fixture.book(["n"], in: PastMonth.last, replica, model: "unknown")
            try await fixture.forceClosed(PastMonth.last, replica)
            try await body(fixture, connection, replica, hold)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    /// What a path of the server does, and the kinds of the entries that it books in the first open month.
    struct Path: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let books: [String]
        let write: @Sendable (LedgerFixture, Connection, Replica, Hold) async throws -> Void
    }

    static let paths = [
        Path(testDescription: "a settlement is booked in the first open month", books: ["usage"]) {
            _, _, replica, hold in
            var entry = replica.entry(settling: hold, tokens: 5)
            entry.occurredAt = PastMonth.last.noon()
            #expect(await replica.record(entry, isOccurredAtGiven: true).word == "recorded")
        },
        Path(testDescription: "usage is booked in the first open month", books: ["usage"]) { fixture, _, replica, _ in
            try await fixture.book(["late"], in: PastMonth.last, replica)
        },
        Path(testDescription: "an import again is the same again, and books nothing", books: []) { _, _, replica, _ in
            let event = LedgerFixture.event("a", replica, at: PastMonth.last.noon())
            #expect(await replica.report(event).word == "duplicate")
        },
        Path(
            testDescription: "a re-rating books corrections in the first open month",
            books: ["adjustment", "adjustment"]
        ) {
            _, connection, replica, _ in
            let dearer = LedgerFixture.priceFile.replacing("\"0.01\"", with: "\"0.02\"")
            _ = try PriceStore.add(
                [PriceFile.parse(dearer, fileName: "maker.yaml")], from: .asWritten, isDryRun: false, connection)
            #expect(try await CorrectionRun(RerateScope(), on: replica).run().correctedCalls == 2)
        },
        Path(testDescription: "an agreement does the same", books: ["adjustment", "adjustment"]) {
            _, connection, replica, _ in
            try connection.execute(
                """
                INSERT INTO agreement (name, provider, share_millionths, valid_from, added_by)
                VALUES ('a', 'maker', 500000, '2026-01-01', 'test')
                """)
            try connection.execute("UPDATE deployment SET configuration_version = configuration_version + 1")
            #expect(try await CorrectionRun(RerateScope(), on: replica).run().correctedCalls == 2)
        },
        Path(testDescription: "a late price books what prices the call", books: ["adjustment"]) {
            _, connection, replica, _ in
            let more = LedgerFixture.priceFile.replacing("  haiku:", with: "  unknown:")
            _ = try PriceStore.add(
                [PriceFile.parse(more, fileName: "maker.yaml")], from: .asWritten, isDryRun: false, connection)
            #expect(try await CorrectionRun(.unpriced, on: replica).run().correctedCalls == 1)
        },
        Path(testDescription: "a reversal is booked in the first open month", books: ["reversal"]) { _, _, replica, _ in
            let run = ReversalRun(
                .ids(["a"], source: "job", team: nil), by: "test", reason: "wrong", on: replica)
            let summary = try await run.run()
            #expect(summary.reversed.count == 1)
        },
        Path(testDescription: "a credit does not begin in it", books: []) { _, connection, _, _ in
            #expect(throws: StoreFailure.self) {
                try connection.addCredit("d", 5, from: PastMonth.last.firstDay.description)
            }
            #expect(throws: StoreFailure.self) { try CreditStore.withdraw("c", by: "test", connection) }
        },
    ]

    @Test("no path of the server writes, and none loses what it had to write", arguments: paths)
    func everyPath(_ path: Path) async throws {
        try await withClosedMonth { fixture, connection, replica, hold in
            let export = try fixture.export(PastMonth.last)
            let sums = try Self.sums(connection)
            try await path.write(fixture, connection, replica, hold)
            #expect(try fixture.export(PastMonth.last) == export)
            #expect(try Self.sums(connection) == sums)
            let booked = try connection.query(
                "SELECT kind FROM ledger WHERE booking_month > \(PastMonth.last.firstDay) AND day < booking_month ORDER BY 1"
            ).map { try $0.decode(String.self, at: 0) }
            #expect(booked == path.books)
        }
    }

    private static func sums(_ connection: Connection) throws -> [String] {
        try connection.query(
            "SELECT to_jsonb(r)::text FROM rollup r WHERE booking_month = \(PastMonth.last.firstDay) ORDER BY 1"
        )
        .map { try $0.decode(at: 0) }
    }

    private static let copy = """
        SELECT (jsonb_populate_record(l, '{"entry_id": 7}')).* FROM ledger l WHERE request_id = 'a'
        """

    /// SQL of the server's own role. `MONTH` stands for the month, `PART` for the name of its partitions.
    static let statements = [
        "INSERT INTO ledger \(copy)", "INSERT INTO ledger_PART \(copy)",
        "UPDATE ledger SET region = 'x' WHERE request_id = 'a'", "UPDATE ledger_PART SET region = 'x'",
        "DELETE FROM ledger WHERE request_id = 'a'", "TRUNCATE ledger_PART", "TRUNCATE ledger",
        "INSERT INTO entry_agreement VALUES (7, MONTH, 1, NULL)",
        "INSERT INTO entry_agreement_PART VALUES (7, MONTH, 1, NULL)",
        "UPDATE rollup SET calls = calls + 1", "DELETE FROM rollup WHERE booking_month = MONTH", "TRUNCATE rollup",
        "UPDATE rollup SET booking_month = booking_month + interval '1 month'",
        "INSERT INTO rollup SELECT (jsonb_populate_record(r, '{\"team\": \"x\"}')).* FROM rollup r",
        "INSERT INTO usage_warning_sum VALUES (MONTH, 1, 'x', 't', 'p', 'm', 1)",
        "INSERT INTO credit_draw VALUES ('c', MONTH, MONTH, 't', 'maker', 'x', 1)",
        "UPDATE credit_draw SET drawn_nanodollars = 1", "DELETE FROM credit_draw", "TRUNCATE credit_draw",
        "TRUNCATE month_close CASCADE", "TRUNCATE month_report", "TRUNCATE month_team", "TRUNCATE month_reopening",
        "TRUNCATE usage_reversal", "TRUNCATE reconciliation_waiver",
        "INSERT INTO month_report VALUES (MONTH, 1, 'monthly', 'nobody', '{}')",
        "INSERT INTO month_team VALUES (MONTH, 1, 'nobody', 'nobody')",
    ]

    /// All in one month, because to make and close one takes seconds, and what is refused changes nothing.
    @Test("no SQL writes, which is told the month") func sql() async throws {
        try await withClosedMonth { _, connection, _, _ in
            let part = PastMonth.last.description.replacing("-", with: "_")
            for statement in Self.statements {
                let statement = statement.replacing("MONTH", with: "'\(PastMonth.last.firstDay)'::date")
                    .replacing("PART", with: part)
                let error = #expect(throws: PostgresError.self, "\(statement)") {
                    try connection.execute(SQL(unescaped: statement))
                }
                #expect(error?.sqlState == "23001", "\(statement): \(error.map { "\($0)" } ?? "")")
            }
        }
    }

    @Test("nothing slips while it closes: who writes without the server's lock waits for the close, and is refused")
    func race() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            try await fixture.book(["a"], in: PastMonth.last, replica)
            let (closer, writer) = (try fixture.connect(), try fixture.connect())
            try closer.execute("BEGIN")
            try closer.closeMonths(where: "month = \(PastMonth.last.firstDay)")
            try writer.execute("SET lock_timeout = 200")
            let error = #expect(throws: PostgresError.self) {
                try writer.execute(SQL(unescaped: "INSERT INTO ledger \(Self.copy)"))
            }
            #expect(error?.sqlState == "55P03")
            try closer.execute("COMMIT")
            await replica.drain()
        }
    }
}
