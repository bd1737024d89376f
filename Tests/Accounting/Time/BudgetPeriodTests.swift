import SeededRandom
import Testing

@testable import Accounting

@Suite("The periods of budgets") struct BudgetPeriodTests {
    /// The expected moments were computed once with Python's `zoneinfo`.
    @Test(
        "begin as clocks and calendars say, on the days on which clocks change too",
        arguments: [
            // In Berlin, an hour is left out on the last Sunday of March, and comes twice on that of October.
            ("hour", "Europe/Berlin", "2026-03-29T00:59:59Z", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"),
            ("hour", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"),
            ("day", "Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
            ("hour", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"),
            ("hour", "Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"),
            ("day", "Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
            ("day", "America/New_York", "2026-03-08T12:00:00Z", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"),
            ("day", "America/New_York", "2026-11-01T12:00:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
            // Lord Howe changes by half an hour: at 2 in the morning it becomes half past one, or half past two.
            ("hour", "Australia/Lord_Howe", "2026-04-04T14:59:00Z", "2026-04-04T14:00:00Z", "2026-04-04T15:00:00Z"),
            ("hour", "Australia/Lord_Howe", "2026-04-04T15:10:00Z", "2026-04-04T15:00:00Z", "2026-04-04T15:30:00Z"),
            ("hour", "Australia/Lord_Howe", "2026-04-04T15:30:00Z", "2026-04-04T15:30:00Z", "2026-04-04T16:30:00Z"),
            ("hour", "Australia/Lord_Howe", "2026-10-03T15:29:00Z", "2026-10-03T14:30:00Z", "2026-10-03T15:30:00Z"),
            ("hour", "Australia/Lord_Howe", "2026-10-03T15:30:00Z", "2026-10-03T15:30:00Z", "2026-10-03T16:00:00Z"),
            ("day", "Australia/Lord_Howe", "2026-04-05T00:00:00Z", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z"),
            // Kathmandu is 5:45 ahead.
            ("hour", "Asia/Kathmandu", "2026-06-01T00:14:59Z", "2026-05-31T23:15:00Z", "2026-06-01T00:15:00Z"),
            ("month", "Asia/Kathmandu", "2026-06-01T00:00:00Z", "2026-05-31T18:15:00Z", "2026-06-30T18:15:00Z"),
            // 2026-11-22 is a Sunday.
            ("week", "UTC", "2026-11-22T12:00:00Z", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"),
            ("week from sunday", "UTC", "2026-11-22T12:00:00Z", "2026-11-22T00:00:00Z", "2026-11-29T00:00:00Z"),
            ("week from sunday", "UTC", "2026-11-21T23:59:59Z", "2026-11-15T00:00:00Z", "2026-11-22T00:00:00Z"),
            ("week from sunday", "UTC", "1970-01-01T00:00:00Z", "1969-12-28T00:00:00Z", "1970-01-04T00:00:00Z"),
            // Leap years, and months of 31 days.
            ("month", "UTC", "2028-02-29T12:00:00Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"),
            ("month", "UTC", "2026-08-31T23:59:59Z", "2026-08-01T00:00:00Z", "2026-09-01T00:00:00Z"),
            ("day", "UTC", "2028-02-29T12:00:00Z", "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"),
            // Fiscal years.
            ("year from 4", "Europe/London", "2027-03-31T22:59:59Z", "2026-03-31T23:00:00Z", "2027-03-31T23:00:00Z"),
            ("year from 4", "UTC", "2027-04-01T00:00:00Z", "2027-04-01T00:00:00Z", "2028-04-01T00:00:00Z"),
            ("year from 10", "UTC", "2026-09-30T12:00:00Z", "2025-10-01T00:00:00Z", "2026-10-01T00:00:00Z"),
            ("quarter from 2", "UTC", "2026-01-31T12:00:00Z", "2025-11-01T00:00:00Z", "2026-02-01T00:00:00Z"),
            ("quarter from 2", "UTC", "2026-02-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-05-01T00:00:00Z"),
            ("quarter", "UTC", "2026-12-31T12:00:00Z", "2026-10-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ] as [(String, String, String, String, String)])
    func windows(text: String, name: String, moment: String, start: String, end: String) throws {
        let period = try #require(Period(text: text))
        let zone = try #require(Zone(name: name))
        let window = period.window(containing: try #require(Timestamp(rfc3339: moment)), in: zone)
        #expect(window.start.description == start)
        #expect(window.end?.description == end)
    }

    @Test("are read from the texts in which they are told")
    func texts() {
        for period in PeriodTests.periods + [
            .total, .rolling(RollingPeriod(30, .minutes)!), .rolling(RollingPeriod(5, .hours)!),
            .rolling(RollingPeriod(7, .days)!),
        ] {
            #expect(Period(text: period.text) == period, "\(period.text)")
        }
        for text in [
            "", "fortnight", "week from tuesday", "year from 13", "year from 0", "month from 2", "0 hours", "745 hours",
            "1441 minutes",
            "367 days", "5 weeks", "5", "hours",
        ] { #expect(Period(text: text) == nil, "\(text)") }
    }

    @Test(
        "of the last hours count what was spent for the whole period, and a sixtieth of it longer at most",
        arguments: seeds)
    func rolling(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<500 {
            let unit = random.pick(RollingPeriod.Unit.allCases)
            let rolling = try #require(RollingPeriod(Int.random(in: 1...unit.most, using: &random), unit))
            let spentAt = Timestamp(microseconds: Int64.random(in: PeriodTests.moments, using: &random))
            let leaves = rolling.leaves(spentAt: spentAt)
            let counted = leaves.microseconds - spentAt.microseconds
            #expect(counted > rolling.seconds * 1_000_000)
            #expect(counted <= rolling.seconds * 1_000_000 / 60 * 61)
        }
    }
}
