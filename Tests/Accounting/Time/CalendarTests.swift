import Testing

@testable import Accounting

@Suite("The calendar") struct CalendarTests {
    @Test("has every day from 1600 to 2400 once, in order")
    func everyDay() throws {
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        var previous: CalendarDay?
        for year in 1600...2400 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            for month in 1...12 {
                let length = month == 2 && isLeap ? 29 : lengths[month - 1]
                for dayOfMonth in 1...length {
                    let day = try #require(CalendarDay(year: year, month: month, day: dayOfMonth))
                    if let previous, day.daysSince1970 != previous.daysSince1970 + 1 || previous >= day {
                        Issue.record("\(day) does not follow \(previous)")
                    }
                    if day.parts != (year, month, dayOfMonth) || CalendarDay(text: day.description) != day
                        || day.month.number != year * 12 + month - 1
                    {
                        Issue.record("\(day) is not \(year)-\(month)-\(dayOfMonth)")
                    }
                    previous = day
                }
                try #require(CalendarDay(year: year, month: month, day: length + 1) == nil)
            }
        }
    }

    @Test(
        "counts days from 1970",
        arguments: [
            ("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2026-11-21", 20_778),
            ("0001-01-01", -719_162),
            ("9999-12-31", 2_932_896),
        ] as [(String, Int)])
    func epoch(text: String, days: Int) throws {
        let day = try #require(CalendarDay(text: text))
        #expect(day.daysSince1970 == days)
        #expect(day.description == text)
        #expect(day.startUTC.day == day)
    }

    @Test(
        "has no such day",
        arguments: [
            "2023-02-29", "1900-02-29", "2026-00-01", "2026-13-01", "2026-01-00", "2026-01-32", "2026-04-31",
            "0000-01-01",
            "2026-1-021", "202-011-01", "+026-11-21", "2026-+1-21", "2026-11-+1", "20261-1-01", "2026-11-2 ",
            "2026/11/21",
            "2026-11-21Z", "-026-11-21", "", "2026-11", "２０２６", "2026-11-2١",
        ])
    func noSuchDay(text: String) {
        #expect(CalendarDay(text: text) == nil)
    }

    @Test("has months that follow each other over the year's end")
    func months() throws {
        let december = try #require(CalendarMonth(text: "2026-12"))
        #expect(december.next.description == "2027-01")
        #expect(december.firstDay.description == "2026-12-01")
        #expect(december < december.next)
        #expect(CalendarMonth(text: "0001-01")?.description == "0001-01")
        #expect(CalendarMonth(text: "9999-12")?.next.firstDay.daysSince1970 == 2_932_897)
    }

    @Test(
        "has no such month",
        arguments: ["2026-13", "2026-00", "2026-1", "202-011", "2026-+1", "2026/11", "", "2026-111"])
    func noSuchMonth(text: String) {
        #expect(CalendarMonth(text: text) == nil)
    }
}
