import SeededRandom
import Testing

@testable import Accounting

@Suite("The plan of a window") struct SpendingPlanTests {
    private static let november = WindowSpan(
        start: Timestamp(rfc3339: "2026-11-01T00:00:00Z")!, end: Timestamp(rfc3339: "2026-12-01T00:00:00Z")!)

    private static func profile(_ random: inout SplitMix64) throws -> SpendingProfile {
        try #require(
            SpendingProfile(weights: (0..<SpendingProfile.hours).map { _ in 1 + random.anySize(upTo: 3_000_000) }))
    }

    /// A day of the last years on which clocks of the zone are changed; any day where there is none.
    private static func changedDay(in zone: Zone) -> Timestamp {
        let days = (14_000..<20_500).lazy.map { zone.start(of: CalendarDay(daysSince1970: $0)) }
        return days.first { zone.offsetSeconds(at: $0.seconds) != zone.offsetSeconds(at: $0.seconds + 86_400) }
            ?? Timestamp(rfc3339: "2026-11-20T12:00:00Z")!
    }

    @Test(
        "begins with nothing, never falls, and ends with the limit, in every zone over a day on which clocks change",
        arguments: PeriodTests.zones, seeds)
    func monotone(name: String, seed: UInt64) throws {
        let zone = try #require(Zone(name: name))
        var random = SplitMix64(seed: seed)
        let changed = Self.changedDay(in: zone)
        for period in PeriodTests.periods {
            let span = period.window(containing: changed, in: zone)
            let end = try #require(span.end)
            for profile in [nil, try Self.profile(&random)] {
                let plan = try #require(SpendingPlan(of: span, profile: profile, in: zone))
                let limit = random.anySize()
                #expect(plan.planned(of: limit, at: span.start) == 0)
                #expect(plan.planned(of: limit, at: end) == limit)
                #expect(plan.planned(of: limit, at: end.adding(seconds: 1)) == limit)
                #expect(plan.planned(of: limit, at: span.start.adding(seconds: -1)) == 0)
                // Each quarter of an hour about the change, and others all over the window.
                let length = end.seconds - span.start.seconds
                let moments =
                    (-100...200).map { changed.adding(seconds: $0 * 900) }.filter(span.contains)
                    + (0..<100).map { _ in span.start.adding(seconds: random.int64(0...length)) }
                var last: Int64 = 0
                for moment in moments.sorted() {
                    let planned = plan.planned(of: limit, at: moment)
                    #expect(last <= planned && planned <= limit, "seed \(seed): \(period) at \(moment)")
                    last = planned
                }
            }
        }
    }

    @Test(
        "follows time alone without a profile",
        arguments: [
            ("2026-11-01T00:00:01Z", 0), ("2026-11-04T00:00:00Z", 30), ("2026-11-16T00:00:00Z", 150),
            ("2026-11-30T23:59:59Z", 299),
        ])
    func even(now: String, planned: Int64) throws {
        let plan = try #require(SpendingPlan(of: Self.november, profile: nil, in: .utc))
        #expect(plan.planned(of: 300, at: try #require(Timestamp(rfc3339: now))) == planned)
    }

    @Test(
        "spends where the profile does, by the clocks of its zone",
        arguments: [
            // Clocks go back on the first of November. Monday's first business hour begins at 14:00 UTC.
            ("2026-11-02T13:59:59Z", 0.0), ("2026-11-02T14:30:00Z", 12.5), ("2026-11-02T15:00:00Z", 25),
            ("2026-11-08T00:00:00Z", 25), ("2026-11-09T14:15:00Z", 31.25), ("2026-11-30T13:00:00Z", 100),
        ])
    func weighted(now: String, percent: Double) throws {
        var weights = [Int64](repeating: 1, count: SpendingProfile.hours)
        weights[9] = 100_000_000
        let profile = try #require(SpendingProfile(weights: weights))
        let zone = try #require(Zone(name: "America/New_York"))
        let start = try #require(Timestamp(rfc3339: "2026-10-31T12:00:00Z"))
        // Four Mondays, of which the last is of the next week.
        let span = WindowSpan(start: start, end: Timestamp(rfc3339: "2026-11-24T12:00:00Z"))
        let plan = try #require(SpendingPlan(of: span, profile: profile, in: zone))
        let planned = plan.planned(of: 1_000_000, at: try #require(Timestamp(rfc3339: now)))
        #expect(abs(Double(planned) - percent * 10_000) < 100, "\(planned)")
    }

    @Test(
        "counts an hour that clocks show twice two times, and one that they skip not at all",
        arguments: [
            // On the day of 25 hours, both hours at two are busy; of the 23 others none is.
            ("2026-10-24T23:30:00Z", 0), ("2026-10-25T00:30:00Z", 25), ("2026-10-25T01:00:00Z", 50),
            ("2026-10-25T02:00:00Z", 100), ("2026-10-25T22:00:00Z", 100),
            // On the day of 23 hours, which are all alike.
            ("2026-03-28T23:00:00Z", 0), ("2026-03-29T01:00:00Z", 9), ("2026-03-29T10:30:00Z", 50),
        ])
    func clockChange(now: String, percent: Int64) throws {
        var weights = [Int64](repeating: 1, count: SpendingProfile.hours)
        weights[6 * 24 + 2] = 100_000_000
        let profile = try #require(SpendingProfile(weights: weights))
        let zone = try #require(Zone(name: "Europe/Berlin"))
        let moment = try #require(Timestamp(rfc3339: now))
        let span = Period.day.window(containing: moment, in: zone)
        let plan = try #require(SpendingPlan(of: span, profile: profile, in: zone))
        #expect((plan.planned(of: 100_000, at: moment) + 500) / 1_000 == percent)
    }

    @Test("rules nothing out within its tolerance, then one model more for each step, the finer the less is left")
    func steps() throws {
        let plan = try #require(SpendingPlan(of: Self.november, profile: nil, in: .utc))
        let limit: Int64 = 300_000
        func ruledOut(_ ahead: Int64, on day: String, hold: Int64 = 0) throws -> Int {
            let now = try #require(Timestamp(rfc3339: "2026-11-\(day)T00:00:00Z"))
            return plan.modelsRuledOut(
                used: plan.planned(of: limit, at: now) + ahead, of: limit, typicalHold: hold, at: now)
        }
        for (ahead, models) in [(Int64(-1), 0), (1_500, 0), (1_501, 1), (4_499, 1), (4_500, 2), (10_500, 4)] {
            #expect(try ruledOut(ahead, on: "11") == models, "\(ahead)")
        }
        // Four holds may be more than half a percent, but not more than a sixteenth of what is left of the plan, less a
        // hundredth of the limit.
        #expect(try ruledOut(4_000, on: "11", hold: 1_000) == 0 && ruledOut(4_001, on: "11", hold: 1_000) == 1)
        #expect(try ruledOut(9_500, on: "11", hold: .max) == 0 && ruledOut(9_501, on: "11", hold: .max) == 1)
        // A day before the end, ten thousand are left of the plan, and three thousand are to be kept.
        #expect(try ruledOut(-2_375, on: "30") == 0 && ruledOut(-2_374, on: "30") == 1)
        #expect(try ruledOut(-1_751, on: "30") == 1 && ruledOut(-1_750, on: "30") == 2)
        #expect(plan.modelsRuledOut(used: 0, of: 0, typicalHold: 0, at: Self.november.start) == 0)
        #expect(plan.modelsRuledOut(used: .max, of: 0, typicalHold: .max, at: Self.november.start) > 100)
    }

    @Test("is made once for windows that cover the same time, and of no window without an end") func shared() throws {
        let pacing = Pacing(nil, in: .utc)
        let plan = try #require(pacing.plan(of: Self.november))
        #expect(pacing.plan(of: Period.total.window(containing: Self.november.start, in: .utc)) == nil)
        let december = Period.month.window(containing: try #require(Self.november.end), in: .utc)
        #expect(pacing.plan(of: december)?.span == december)
        #expect(pacing.plan(of: Self.november) === plan)
    }
}
