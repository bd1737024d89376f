import Accounting
import Postgres
import Testing

@testable import Ledger

/// Months before this one, which may close.
enum PastMonth {
    static let current = SystemClock.wallTime().day.month
    static let last = CalendarMonth(number: current.number - 1)
    static let before = CalendarMonth(number: current.number - 2)
    static let beforeThat = CalendarMonth(number: current.number - 3)
}

extension CalendarMonth {
    /// Noon of the month's second day, or of a later one.
    func noon(_ day: Int64 = 2) -> Timestamp { firstDay.startUTC.adding(seconds: 86_400 * (day - 1) + 43_200) }
}

extension LedgerFixture {
    /// Records calls on the second day of a month, as if they had come at once.
    func book(
        _ ids: [String], in month: CalendarMonth, _ replica: Replica, model: String = "opus", tokens: Int64 = 10,
        who: Attribution = Attribution(team: "t")
    ) async throws {
        for id in ids {
            var event = Self.event(id, replica, model, tokens: tokens, who: who, at: month.noon())
            event.recordedAt = month.noon()
            #expect(await replica.report(event).word == "recorded")
        }
    }

    /// Says all that a close asks for: a cost centre, and why no invoice is compared.
    func makeReady(_ months: CalendarMonth...) throws {
        let connection = try connect()
        try connection.execute("UPDATE team SET cost_center = '4711'")
        for month in months {
            try connection.execute(
                """
                INSERT INTO reconciliation_waiver (month, provider, waived_by, reason)
                VALUES (\(month.firstDay), 'maker', 'test', 'no invoice') ON CONFLICT DO NOTHING
                """)
        }
    }

    static func close(_ month: CalendarMonth, force: String? = nil) throws -> MonthClose {
        MonthClose(
            through: month, by: "test", force: force, reports: try ReportCatalog(resources), unallocatedPercent: 5)
    }

    /// Closes a month whatever the checks say.
    func forceClosed(_ month: CalendarMonth, _ replica: Replica) async throws {
        _ = try await Self.close(month, force: "for a test").run(replica.database)
    }

    func details(_ month: CalendarMonth) throws -> MonthDetails {
        try #require(try MonthDetails.find(month, connect()))
    }

    /// The canonical export as bytes.
    func export(_ month: CalendarMonth) throws -> [UInt8] {
        let connection = try connect()
        var export = try MonthExport(month, connection)
        var bytes: [UInt8] = []
        while let portion = try export.next(connection) { bytes += portion }
        return bytes
    }
}
