import SeededRandom
import Testing

@testable import Accounting

@Suite("The windows of a period") struct PeriodTests {
    static let zones = [
        "UTC", "Europe/Berlin", "Europe/London", "America/New_York", "America/Los_Angeles", "Asia/Kolkata",
        "Asia/Kathmandu",
        "America/Sao_Paulo", "America/Asuncion", "Africa/Cairo", "Africa/Casablanca", "Pacific/Apia",
        "Pacific/Kiritimati",
        "Pacific/Kwajalein", "Asia/Beirut", "Asia/Gaza", "Asia/Tehran", "Asia/Amman", "Australia/Lord_Howe",
        "America/Havana",
        "America/St_Johns", "America/Goose_Bay", "America/Scoresbysund", "Antarctica/Casey", "Etc/GMT+12", "Etc/GMT-14",
    ]
    static let periods: [Period] = [
        .hour, .day, .week, .week(startsOn: .sunday), .month, .quarter, .quarter(firstMonth: 2), .year,
        .year(firstMonth: 4),
    ]
    /// 1990-01-01 to 2035-12-31.
    static let moments: ClosedRange<Int64> = 631_152_000_000_000...2_082_758_399_999_999

    @Test("hold their moment and follow each other without a gap, in every zone", arguments: zones, seeds)
    func tiling(name: String, seed: UInt64) throws {
        let zone = try #require(Zone(name: name))
        var random = SplitMix64(seed: seed)
        for _ in 0..<150 {
            let moment = Timestamp(microseconds: Int64.random(in: Self.moments, using: &random))
            for period in Self.periods {
                let window = period.window(containing: moment, in: zone)
                let end = try #require(window.end)
                #expect(window.contains(moment), "seed \(seed): \(moment) is not in the \(period) \(window)")
                let next = period.window(containing: end, in: zone)
                #expect(next.start == end, "seed \(seed): \(period) after \(window) is \(next)")
                let last = period.window(containing: Timestamp(microseconds: end.microseconds - 1), in: zone)
                #expect(last == window, "seed \(seed): the last moment of \(window) is in \(last)")
                #expect(period.window(containing: window.start, in: zone) == window, "seed \(seed): \(window)")
            }
        }
    }

    @Test(
        "hold every hour around the days on which clocks change",
        arguments: [
            ("America/Sao_Paulo", "2018-11-03T00:00:00Z"), ("America/Sao_Paulo", "2018-02-17T00:00:00Z"),
            ("America/Havana", "2023-11-04T12:00:00Z"), ("America/Havana", "2023-03-11T12:00:00Z"),
            ("America/St_Johns", "2010-11-06T12:00:00Z"), ("America/Goose_Bay", "2010-11-06T12:00:00Z"),
            ("America/Scoresbysund", "2024-10-26T12:00:00Z"), ("Africa/Cairo", "2014-05-15T00:00:00Z"),
            ("Pacific/Apia", "2011-12-29T00:00:00Z"), ("Australia/Lord_Howe", "2024-04-06T00:00:00Z"),
            ("Antarctica/Casey", "2010-03-04T00:00:00Z"), ("Asia/Beirut", "2023-03-25T00:00:00Z"),
        ] as [(String, String)])
    func clockChanges(name: String, from: String) throws {
        let zone = try #require(Zone(name: name))
        let first = try #require(Timestamp(rfc3339: from))
        // A zone object remembers days. A new zone object is asked as well now and then, to show that remembering a day
        // never changes an answer.
        var known = Period.day.window(containing: first, in: zone)
        for step in 0..<(60 * 24 * 2 * 4) {
            let moment = first.adding(seconds: Int64(step) * 15)
            let window = Period.day.window(containing: moment, in: zone)
            if window != known {
                try #require(known.end == window.start, "\(moment)")
                known = window
            }
            try #require(window.contains(moment), "\(moment) in \(window)")
            if step % 40 == 0 {
                try #require(
                    Period.day.window(containing: moment, in: try #require(Zone(name: name))) == window, "\(moment)")
            }
        }
    }

    /// The expected moments were computed once with Python's `zoneinfo`: each is the first moment whose local date is
    /// not before the day.
    @Test(
        "begin at local midnight, or at the first moment after it where it is skipped",
        arguments: [
            ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z"),
            ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"),
            ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"),
            ("Pacific/Apia", "2012-01-01", "2011-12-31T10:00:00Z"),
            ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"),
            ("America/Sao_Paulo", "2018-11-05", "2018-11-05T02:00:00Z"),
            ("America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z"),
            ("Africa/Cairo", "2014-05-16", "2014-05-15T22:00:00Z"),
            ("Africa/Cairo", "2023-04-28", "2023-04-27T22:00:00Z"),
            ("Africa/Cairo", "2023-10-27", "2023-10-26T22:00:00Z"),
            ("Asia/Beirut", "2023-03-26", "2023-03-25T22:00:00Z"),
            ("Asia/Beirut", "2023-03-30", "2023-03-29T21:00:00Z"),
            ("Asia/Beirut", "2022-10-30", "2022-10-29T22:00:00Z"),
            ("America/Havana", "2023-03-12", "2023-03-12T05:00:00Z"),
            ("America/Havana", "2023-11-05", "2023-11-05T04:00:00Z"),
            ("America/Havana", "2012-11-04", "2012-11-04T04:00:00Z"),
            ("America/St_Johns", "2010-11-07", "2010-11-07T02:30:00Z"),
            ("America/St_Johns", "2010-03-14", "2010-03-14T03:30:00Z"),
            ("Australia/Lord_Howe", "2024-04-07", "2024-04-06T13:00:00Z"),
            ("Australia/Lord_Howe", "2024-10-06", "2024-10-05T13:30:00Z"),
            ("Asia/Gaza", "2012-09-21", "2012-09-20T21:00:00Z"),
            ("America/Asuncion", "2023-10-01", "2023-10-01T04:00:00Z"),
            ("Asia/Amman", "2022-02-25", "2022-02-24T22:00:00Z"),
            ("America/Scoresbysund", "2024-03-31", "2024-03-31T01:00:00Z"),
            ("America/Scoresbysund", "2024-10-27", "2024-10-27T02:00:00Z"),
            ("Asia/Kathmandu", "2024-01-01", "2023-12-31T18:15:00Z"),
            ("Asia/Kolkata", "2024-02-29", "2024-02-28T18:30:00Z"),
            ("Asia/Tehran", "2022-03-22", "2022-03-21T20:30:00Z"),
            ("Pacific/Kiritimati", "1994-12-31", "1994-12-31T10:00:00Z"),
            ("Pacific/Kiritimati", "1995-01-01", "1994-12-31T10:00:00Z"),
            ("Pacific/Kwajalein", "1993-08-21", "1993-08-21T12:00:00Z"),
            ("Pacific/Kwajalein", "1993-08-22", "1993-08-21T12:00:00Z"),
        ] as [(String, String, String)])
    func trickyStarts(name: String, day: String, start: String) throws {
        let zone = try #require(Zone(name: name))
        #expect(zone.start(of: try #require(CalendarDay(text: day))).description == start)
    }

    @Test("in UTC are those of the calendar", arguments: seeds)
    func utc(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<2000 {
            let moment = Timestamp(microseconds: Int64.random(in: Self.moments, using: &random))
            let (year, month, _) = moment.day.parts
            func start(_ year: Int, _ month: Int) throws -> Timestamp {
                let day = CalendarDay(year: year + (month - 1) / 12, month: (month - 1) % 12 + 1, day: 1)
                return Timestamp(seconds: Int64(try #require(day).daysSince1970) * 86_400)
            }
            let days = moment.microseconds / 86_400_000_000
            // 1990-01-01 was a Monday, 7,305 days after 1970-01-01.
            let monday = 7305 + (days - 7305) / 7 * 7
            let quarter = (month - 1) / 3 * 3 + 1
            let expected: [(Period, Timestamp, Timestamp)] = [
                (.day, Timestamp(seconds: days * 86_400), Timestamp(seconds: (days + 1) * 86_400)),
                (.week, Timestamp(seconds: monday * 86_400), Timestamp(seconds: (monday + 7) * 86_400)),
                (.month, try start(year, month), try start(year, month + 1)),
                (.quarter, try start(year, quarter), try start(year, quarter + 3)),
                (.year, try start(year, 1), try start(year + 1, 1)),
            ]
            for (period, start, end) in expected {
                #expect(
                    period.window(containing: moment, in: .utc) == WindowSpan(start: start, end: end),
                    "seed \(seed): \(moment)")
            }
        }
    }

    @Test(
        "of a month are as long as the month is, clock changes included",
        arguments: [
            ("Europe/Berlin", "2026-02-10T00:00:00Z", 28 * 24), ("Europe/Berlin", "2024-02-10T00:00:00Z", 29 * 24),
            ("Europe/Berlin", "2026-03-10T00:00:00Z", 31 * 24 - 1),
            ("Europe/Berlin", "2026-10-10T00:00:00Z", 31 * 24 + 1),
            ("America/New_York", "2026-11-10T00:00:00Z", 30 * 24 + 1),
            ("Asia/Kolkata", "2026-12-31T18:29:59Z", 31 * 24),
            ("UTC", "2026-11-30T23:59:59Z", 30 * 24), ("Pacific/Apia", "2011-12-05T00:00:00Z", 30 * 24),
        ] as [(String, String, Int64)])
    func monthLengths(name: String, moment: String, hours: Int64) throws {
        let zone = try #require(Zone(name: name))
        let window = Period.month.window(containing: try #require(Timestamp(rfc3339: moment)), in: zone)
        let end = try #require(window.end)
        #expect(end.microseconds - window.start.microseconds == hours * 3_600_000_000)
    }

    @Test(
        "at the ends of the calendar are still windows",
        arguments: [
            "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "1582-10-10T12:00:00Z", "1883-11-18T12:00:00Z",
        ])
    func endsOfTheCalendar(text: String) throws {
        let moment = try #require(Timestamp(rfc3339: text))
        for name in Self.zones {
            let zone = try #require(Zone(name: name))
            for period in Self.periods {
                #expect(period.window(containing: moment, in: zone).contains(moment), "\(name) \(period)")
            }
        }
    }

    @Test("of a total budget are one that never ends")
    func total() {
        let window = Period.total.window(containing: Timestamp(seconds: 1_800_000_000), in: .utc)
        #expect(window == WindowSpan(start: Timestamp(seconds: 0), end: nil))
        #expect(window.contains(Timestamp(microseconds: .max)))
        #expect(!window.contains(Timestamp(microseconds: -1)))
    }

    @Test(
        "need a zone that exists",
        arguments: [
            "", "Europe/Atlantis", "utc", "+01:00", "../UTC", "Etc/../UTC", "Etc/", "Etc/Nowhere", "Europe/Berlin ",
            "GMT+1",
        ])
    func noSuchZone(name: String) {
        #expect(Zone(name: name) == nil)
    }
}
