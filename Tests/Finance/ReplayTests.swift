import Accounting
import Foundation
import Ledger
import PacedMonth
import PlayedHour
import Postgres
import PostgresTesting
import Testing

@testable import Finance

@Suite("A replay") struct ReplayTests {
    private static let resources = ResourceDirectory(
        path: URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path)

    /// A made hour of the shape of the real one.
    private static func hour(seed: UInt64, count: Int) -> [TrafficCall] {
        let month = Period.month.window(containing: Timestamp(rfc3339: "2026-11-20T12:00:00Z")!, in: .utc)
        let calls = [TrafficCall].synthetic(seed: seed, count: count, in: month)
        let (first, whole) = (calls[0].at.microseconds, calls.last!.at.microseconds - calls[0].at.microseconds)
        return calls.map { call in
            let passed = Double(call.at.microseconds - first) / Double(whole) * 3_600_000_000
            return TrafficCall(
                at: month.start.adding(microseconds: Int64(passed)), feature: call.feature,
                inputTokens: call.inputTokens,
                outputTokens: call.outputTokens)
        }
    }

    @Test(
        "under the budgets that were in force says of every call what was said of it, and of other budgets something else"
    )
    func identical() async throws {
        try await PlayedHour.with(Self.hour(seed: 1, count: 1_200), Self.resources) { hour in
            #expect(hour.denied > 20 && hour.downgraded > 20 && hour.clamped > 0)
            let connection = try hour.database.connect()
            let same = try ReplayRun(hour.budgets, in: hour.configuration, over: hour.span, team: nil).run(connection)
                .result
            #expect(same.differenceCount == 0, "\(same.differences)")
            #expect(same.counts.calls == Int64(hour.calls))
            #expect(same.counts.denied == Int64(hour.denied))
            #expect(same.counts.downgraded == Int64(hour.downgraded))
            #expect(same.counts.clamped == Int64(hour.clamped))
            #expect(same.counts.spent == same.counts.reallySpent && same.assumed == 0)
            let spent: Int64 = try connection.query("SELECT sum(effective_cost_nanodollars)::bigint FROM ledger")[0]
                .decode(at: 0)
            #expect(same.counts.spent.nanodollars == spent)

            let half = hour.budgets.map { $0.limited(to: $0.limit / 2) }
            let less = try ReplayRun(half, in: hour.configuration, over: hour.span, team: nil).run(connection).result
            #expect(less.counts.denied > same.counts.denied && less.counts.spent < same.counts.spent)
            #expect(less.outcomes.first?.ranDryAt != nil && less.differenceCount > 0)

            let twice = hour.budgets.map { $0.limited(to: $0.limit * 4) }
            let more = try ReplayRun(twice, in: hour.configuration, over: hour.span, team: nil).run(connection).result
            #expect(more.counts.denied == 0 && more.assumed == Int64(hour.denied))
            #expect(more.counts.saved < .zero)

            let ofOthers = try ReplayRun(hour.budgets, in: hour.configuration, over: hour.span, team: "other").run(
                connection)
            #expect(ofOthers.result.counts.calls == 0)

            func progress(ofTeam team: String?) throws -> (calls: Int64, allCalls: Int64?) {
                var last = (calls: Int64(-1), allCalls: Int64?.none)
                var run = ReplayRun(hour.budgets, in: hour.configuration, over: hour.span, team: team)
                run.recordsAReport = 100
                _ = try run.run(connection) { last = ($0.calls, $0.allCalls) }
                return last
            }
            let (ofAll, ofNone) = (try progress(ofTeam: nil), try progress(ofTeam: "other"))
            #expect(ofAll.calls > 1_000 && ofAll.allCalls == Int64(hour.calls))
            #expect(ofNone.calls == 0 && ofNone.allCalls == nil, "a team is told how many calls others make")

            var ended = ReplayRun(hour.budgets, in: hour.configuration, over: hour.span, team: nil)
            ended.recordsAReport = 100
            #expect(throws: CancellationError.self) { try ended.run(connection) { _ in throw CancellationError() } }
            ended.maximumWindows = 0
            #expect(throws: ReplayRun.TooManyWindows.self) { try ended.run(connection) }

            #expect(same.unreadPages == 0)
            for (number, content) in ["09", "01ff"].enumerated() {
                try connection.execute(
                    """
                    INSERT INTO verdict_page VALUES (99, \(Int64(number)), \(hour.span.lowerBound),
                        \(hour.span.lowerBound), 1, '{}', decode(\(content), 'hex'))
                    """)
            }
            let run = ReplayRun(hour.budgets, in: hour.configuration, over: hour.span, team: nil)
            #expect(try run.run(connection).result.unreadPages == 2)
            #expect(run.run(try VerdictFeed.pages(hour.span, connection), opening: []).unreadPages == 2)

            // Where the log begins is known before the work.
            ended.maximumWindows = 1_000_000
            let emptied = try ended.run(connection) { _ in try connection.execute("DELETE FROM verdict_page") }
            #expect(emptied.logBegins == hour.span.lowerBound)
            #expect(try VerdictFeed.begins(connection) == nil)
        }
    }

    @Test("takes of a budget that is known only where it tries one of the same scope", arguments: ["t", "other"])
    func known(team: String) {
        let profile = SpendingProfile(weights: (1...168).map { Int64($0) })!
        let known = Budget(
            number: 7, id: "b", version: 3, scope: Scope(team: "t"), period: .month, zone: .utc, unit: .usd, limit: 1,
            enforcement: .hard, downgradeAt: nil, alertAt: [], owner: .company, isGranted: false,
            rules: BudgetRules(isPaced: true), profile: profile, createdAt: Timestamp(seconds: 0))
        let current = Configuration(
            version: 1, teams: ["t", "other"], budgets: [known], ladders: [], prices: LoggedTraffic.prices)
        let draft = BudgetDraft(
            id: "b", scope: Scope(team: team), period: .month, zone: .utc, unit: .usd, limit: 2, enforcement: .hard,
            downgradeAt: nil, alertAt: [], rules: BudgetRules(isPaced: true))
        let tried = ReplayRun.numbered([draft], as: current)[0]
        let isSame = team == "t"
        #expect((tried.number == 7) == isSame && (tried.pacing?.profile == profile) == isSame)
        #expect((tried.owner == .company) == isSame && tried.isGranted == !isSame)
    }
}

extension BudgetDraft {
    fileprivate func limited(to limit: Int64) -> BudgetDraft {
        BudgetDraft(
            id: id, scope: scope, period: period, zone: zone, unit: unit, limit: limit, enforcement: enforcement,
            downgradeAt: downgradeAt, alertAt: alertAt)
    }
}
