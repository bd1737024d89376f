import Testing

@testable import Accounting

@Suite("The profile of a week") struct SpendingProfileTests {
    private static let monday = Timestamp(rfc3339: "2026-11-16T00:00:00Z")!

    private static func slot(_ hours: Int64, _ amount: Int64 = 100) -> SpendingProfile.Slot {
        SpendingProfile.Slot(moment: monday.adding(seconds: hours * 3_600), amount: amount)
    }

    /// A hundred in the first hour of each of these weeks before the sixteenth of November.
    private static func weeks(_ weeks: ClosedRange<Int64>) -> [SpendingProfile.Slot] { weeks.map { slot(-168 * $0) } }

    @Test(
        "needs two whole weeks, and none counts in which spending began or that is not over",
        arguments: [(1...1, false), (1...2, false), (1...3, true), (2...3, true), (3...3, true), (8...20, true)]
            as [(ClosedRange<Int64>, Bool)])
    func whole(weeks: ClosedRange<Int64>, isKnown: Bool) {
        let now = Self.monday.adding(seconds: 3 * 86_400)
        // Of a single week long ago nothing is left in those that count.
        let isEmpty = weeks.upperBound == weeks.lowerBound
        let profile = SpendingProfile(of: Self.weeks(weeks) + [Self.slot(1)], in: .utc, before: now)
        #expect((profile != nil) == (isKnown && !isEmpty))
    }

    @Test("gives each hour the weight of what was spent in it, and a small one where that is nothing") func weights()
        throws
    {
        let slots =
            [Self.slot(-400)] + [Self.slot(-168, 300), Self.slot(-336, 300), Self.slot(-1, 200), Self.slot(-2, -50)]
        let weights = try #require(SpendingProfile(of: slots, in: .utc, before: Self.monday)).weights
        let spread: Int64 = 168 * 950_000
        #expect(weights[0] == 50_000 + spread * 3 / 4 && weights[167] == 50_000 + spread / 4)
        #expect(weights[1...166].allSatisfy { $0 == 50_000 })
        #expect(SpendingProfile(weights: weights)?.weights == weights)
    }

    @Test("counts the hours that clocks show, also in weeks in which they change") func zones() throws {
        let zone = try #require(Zone(name: "Europe/Berlin"))
        // Nine in the morning on Mondays before and after the twenty-fifth of October.
        let mornings = ["10-05T07", "10-12T07", "10-19T07", "10-26T08", "11-02T08"].map {
            SpendingProfile.Slot(moment: Timestamp(rfc3339: "2026-\($0):30:00Z")!, amount: 1)
        }
        let weights = try #require(SpendingProfile(of: mornings, in: zone, before: Self.monday)).weights
        #expect(weights[9] == weights.max() && weights.filter { $0 > 50_000 }.count == 1)
        let span = SpendingProfile.span(before: Self.monday, in: zone)
        #expect(span.end == Timestamp(rfc3339: "2026-11-15T23:00:00Z"))
        #expect(span.start == Timestamp(rfc3339: "2026-09-13T22:00:00Z"))
    }

    @Test("forgets what was spent more than eight weeks ago") func eight() throws {
        let slots = Self.weeks(1...20) + (9...20).map { Self.slot(-168 * $0 + 5, 1_000_000) }
        #expect(try #require(SpendingProfile(of: slots, in: .utc, before: Self.monday)).weights[5] == 50_000)
    }

    @Test("is refused where weights are missing, too large or nothing", arguments: [0, -1, 168_000_001] as [Int64])
    func stored(weight: Int64) {
        var weights = [Int64](repeating: 1, count: 168)
        #expect(SpendingProfile(weights: weights) != nil && SpendingProfile(weights: []) == nil)
        weights[100] = weight
        #expect(SpendingProfile(weights: weights) == nil)
    }
}
