import Testing

@testable import Accounting

@Suite struct SpendingForecastTests {
    /// November 2026, of 30 days.
    private static let november = WindowSpan(
        start: Timestamp(rfc3339: "2026-11-01T00:00:00Z")!, end: Timestamp(rfc3339: "2026-12-01T00:00:00Z")!)

    private static func forecast(_ now: String, limit: Int64, spent: Int64) throws -> SpendingForecast? {
        SpendingForecast(
            of: november, limit: limit, spent: spent, at: try #require(Timestamp(rfc3339: now)))
    }

    @Test(
        "what a window has spent a day so far goes on to its end",
        arguments: [
            ("2026-11-11T00:00:00Z", 1_000, 100, 300, nil), ("2026-11-11T00:00:00Z", 300, 100, 300, nil),
            ("2026-11-11T00:00:00Z", 299, 100, 300, "2026-11-30T21:36:00Z"),
            ("2026-11-11T00:00:00Z", 200, 100, 300, "2026-11-21T00:00:00Z"),
            ("2026-11-02T12:00:00Z", 1_000, 1, 20, nil), ("2026-11-30T23:59:59Z", 101, 100, 100, nil),
            ("2026-11-16T00:00:00Z", 3, 2, 4, "2026-11-23T12:00:00Z"),
            ("2026-11-11T00:00:00Z", .max, .max / 2, .max, "2026-11-21T00:00:00.000001Z"),
        ] as [(String, Int64, Int64, Int64, String?)])
    func linear(now: String, limit: Int64, spent: Int64, atEnd: Int64, dry: String?) throws {
        let forecast = try #require(try Self.forecast(now, limit: limit, spent: spent))
        #expect(forecast.spentAtEnd == atEnd)
        let moment = dry.flatMap { Timestamp(rfc3339: $0) }
        #expect(forecast.course == (moment.map(SpendingForecast.Course.runsDry) ?? .lasts))
    }

    @Test(
        "what has reached its limit is dry, whatever the limit",
        arguments: [(100, 100), (100, 250), (0, 1)] as [(Int64, Int64)])
    func dry(limit: Int64, spent: Int64) throws {
        #expect(try Self.forecast("2026-11-16T00:00:00Z", limit: limit, spent: spent)?.course == .isDry)
    }

    @Test(
        "nothing is said where too little is known: nothing spent, less than a twentieth passed, or another window",
        arguments: [
            ("2026-11-16T00:00:00Z", 0), ("2026-11-16T00:00:00Z", -5), ("2026-11-02T11:59:59Z", 50),
            ("2026-11-01T00:00:00Z", 50), ("2026-10-31T00:00:00Z", 50), ("2026-12-01T00:00:00Z", 50),
        ] as [(String, Int64)])
    func unknown(now: String, spent: Int64) throws {
        #expect(try Self.forecast(now, limit: 100, spent: spent) == nil)
    }

    @Test("a window without an end has no forecast")
    func total() {
        let total = WindowSpan(start: Timestamp(seconds: 0), end: nil)
        #expect(SpendingForecast(of: total, limit: 5, spent: 3, at: Timestamp(seconds: 1_000)) == nil)
    }
}
