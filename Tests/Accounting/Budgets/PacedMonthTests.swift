import PacedMonth
import SeededRandom
import Testing

@testable import Accounting

@Suite("A month of a tight budget") struct PacedMonthTests {
    private static let month = Period.month.window(containing: Timestamp(rfc3339: "2026-11-20T12:00:00Z")!, in: .utc)
    private static let before = Period.month.window(containing: month.start.adding(seconds: -1), in: .utc)
    private static let count = 8_000

    /// A month's calls, and a limit of a share of what the best model would cost.
    private static func run(
        _ seed: UInt64, percent: Int64, isPaced: Bool, isProfiled: Bool = true
    ) throws -> (run: MonthRun, floor: Int64) {
        let calls = [TrafficCall].synthetic(seed: seed, count: count, in: month)
        let earlier = [TrafficCall].synthetic(seed: seed &+ 1_000, count: count, in: before)
        let profile = try #require(SpendingProfile(after: earlier, at: month.start))
        let limit = LadderOfThree.cost(of: calls, on: 0) * percent / 100
        let run = MonthRun(
            calls, in: month, limit: limit, isPaced: isPaced, profile: isProfiled ? profile : nil)
        return (run, LadderOfThree.cost(of: calls, on: LadderOfThree.models.count - 1))
    }

    @Test(
        "ends days early and denies calls without pacing, and with it lasts into the last day and denies none",
        arguments: seeds + [4, 5], [30, 50, 70, 90] as [Int64])
    func lasts(seed: UInt64, percent: Int64) throws {
        let (unpaced, _) = try Self.run(seed, percent: percent, isPaced: false)
        #expect(unpaced.denied > Self.count / 50)
        let dry = try #require(unpaced.firstDenial)
        let end = try #require(Self.month.end)
        #expect(dry < end.adding(seconds: -2 * 86_400), "\(dry)")

        let (paced, floor) = try Self.run(seed, percent: percent, isPaced: true)
        #expect(floor < paced.limit)
        #expect(paced.denied == 0, "\(paced.denied) denied from \(String(describing: paced.firstDenial)) on")
        #expect(paced.spent <= paced.limit)
        #expect(paced.limit - paced.spent <= paced.limit / 50, "\(paced.limit - paced.spent) of \(paced.limit) left")
        #expect(paced.served[0] > 0)
        #expect(paced.firstReason?.code == .pacing)
    }

    @Test("is kept as well by time alone, as long as no profile is known", arguments: seeds)
    func timeAlone(seed: UInt64) throws {
        let (paced, _) = try Self.run(seed, percent: 50, isPaced: true, isProfiled: false)
        #expect(paced.denied == 0 && paced.limit - paced.spent <= paced.limit / 50)
    }

    @Test("is denied for what even the lowest model cannot serve", arguments: seeds) func beyondTheFloor(seed: UInt64)
        throws
    {
        let (paced, floor) = try Self.run(seed, percent: 15, isPaced: true)
        #expect(floor > paced.limit && paced.denied > 0)
    }
}
