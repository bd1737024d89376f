import SeededRandom
import Testing

@testable import Accounting

@Suite("Hours of the week") struct WeeklyHoursTests {
    @Test(
        "have one text, however they were written",
        arguments: [
            ("mon 00:00-01:00", "mon 00:00-01:00"),
            ("mon-fri 04:00-06:00 00:00-01:00", "mon-fri 00:00-01:00 04:00-06:00"),
            ("mon 16:30-00:30", "mon 16:30-24:00, tue 00:00-00:30"),
            ("sun 22:00-02:00", "mon 00:00-02:00, sun 22:00-24:00"),
            ("mon-sun 16:30-00:30", "mon-sun 00:00-00:30 16:30-24:00"),
            ("sat 00:00-24:00, sun 00:00-24:00", "sat-sun 00:00-24:00"),
            ("tue 01:00-02:00 01:30-03:00 03:00-03:01", "tue 01:00-03:01"),
            ("mon-sun 00:00-24:00", "mon-sun 00:00-24:00"),
            (" wed  09:05-09:06 ", "wed 09:05-09:06"),
        ])
    func text(written: String, canonical: String) throws {
        let hours = try #require(WeeklyHours(text: written))
        #expect(hours.description == canonical)
        #expect(WeeklyHours(text: canonical) == hours)
    }

    @Test(
        "are refused where they are not said in full",
        arguments: [
            "", " ", "mon", "00:00-01:00", "mon 00:00", "mon 0:00-1:00", "mon 00:00-00:00", "mon 24:00-01:00",
            "mon 00:60-01:00", "mon 25:00-26:00", "mon 00:00-24:01", "mun 00:00-01:00", "fri-mon 00:00-01:00",
            "mon-tue-wed 00:00-01:00", "mon 00:00-01:00,", "mon 00:00-01:00, 02:00-03:00", "mon 00:00-01:00-02:00",
            "MON 00:00-01:00", "mon ٠٠:٠٠-٠١:٠٠", "mon -1:00-02:00",
        ])
    func refused(text: String) { #expect(WeeklyHours(text: text) == nil) }

    @Test(
        "hold their first minute and not their last",
        arguments: [
            ("2026-11-20T03:59:59Z", false), ("2026-11-20T04:00:00Z", true), ("2026-11-20T05:59:59Z", true),
            ("2026-11-20T06:00:00Z", false), ("2026-11-21T00:00:00Z", true), ("2026-11-22T23:59:59Z", true),
            ("2026-11-23T00:00:00Z", false), ("1969-12-28T12:00:00Z", true), ("1969-12-29T12:00:00Z", false),
        ])
    func edges(moment: String, isInside: Bool) throws {
        let hours = try #require(WeeklyHours(text: "mon-fri 04:00-06:00, sat-sun 00:00-24:00"))
        #expect(hours.contains(try #require(Timestamp(rfc3339: moment))) == isInside)
    }

    @Test("are the same read from their own text, and in every week", arguments: seeds)
    func roundTrip(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 {
            let hours = WeeklyHours.random(using: &random)
            #expect(WeeklyHours(text: hours.description) == hours, "seed \(seed): \(hours)")
            let moment = Timestamp(seconds: Int64.random(in: -1_000_000...1_000_000, using: &random))
            let later = moment.adding(seconds: 7 * 86_400 * Int64.random(in: 1...100, using: &random))
            #expect(hours.contains(moment) == hours.contains(later), "seed \(seed): \(hours) at \(moment)")
        }
    }
}

extension WeeklyHours {
    static func random(using random: inout SplitMix64) -> WeeklyHours {
        func time() -> String {
            let (hour, minute) = (Int.random(in: 10...23, using: &random), Int.random(in: 10...59, using: &random))
            return "\(hour):\(minute)"
        }
        let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "mon-wed", "thu-sun", "mon-sun"]
        let groups = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            let times = (0..<Int.random(in: 1...2, using: &random)).map { _ in "\(time())-0\(time().dropFirst())" }
            return "\(random.pick(days)) \(times.joined(separator: " "))"
        }
        return WeeklyHours(text: groups.joined(separator: ", "))!
    }
}
