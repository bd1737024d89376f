import Accounting
import Finance
import Ledger
import Testing

/// Opus costs 10 nanodollars a token, haiku 1. The log begins a minute before midnight.
@Suite("Other budgets") struct WhatIfTests {
    @Test("run dry when their money is spent, and say when") func runsDry() {
        var traffic = LoggedTraffic()
        for second in 0..<10 { traffic.call(at: Int64(second) * 3, tokens: 10, feature: second < 5 ? "a" : "b") }
        let result = traffic.replay([LoggedTraffic.budget(limit: 450)])
        #expect(result.counts.admitted == 4 && result.counts.denied == 6)
        #expect(
            result.counts.saved == Money(nanodollars: 600) && result.counts.reallySpent == Money(nanodollars: 1_000))
        #expect(
            result.outcomes[0].ranDryAt == LoggedTraffic.start.adding(seconds: 12) && result.outcomes[0].denied == 6)
        #expect(result.rows.map(\.feature) == ["a", "b"] && result.rows.map(\.counts.denied) == [1, 5])
        #expect(result.differenceCount == 6 && result.differences.first?.was == "admit, opus, 10 tokens")
        #expect(result.differences.first?.becomes == "deny, budget_exhausted")
    }

    @Test("hold the money of a call as long as it was extended", arguments: [(60, 1), (nil, 0)] as [(Int64?, Int64)])
    func extended(seconds: Int64?, denied: Int64) {
        var traffic = LoggedTraffic()
        traffic.call(at: 0, tokens: 20, holdSeconds: 1, endsAfter: 50)
        if let seconds { traffic.extend(hold: 1, at: 1, by: seconds) }
        traffic.call(at: 40, tokens: 20)
        #expect(traffic.replay([LoggedTraffic.budget(limit: 250)]).counts.denied == denied)
    }

    @Test("keep no window that is over")
    func closed() {
        var traffic = LoggedTraffic()
        for hour in 0..<240 { traffic.call(at: Int64(hour) * 3_600, tokens: 10, run: "run-\(hour)") }
        let scope = Scope(team: "t", each: .run)
        let budgets = [
            LoggedTraffic.budget(1, limit: 450, scope: scope, period: .day),
            LoggedTraffic.budget(2, limit: 2_400, period: .day),
        ]
        let current = Configuration(
            version: 1, teams: ["t"], budgets: [], ladders: [], prices: LoggedTraffic.prices)
        let span = LoggedTraffic.start..<LoggedTraffic.start.adding(seconds: 11 * 86_400)
        var replay = Replay(Configuration(current, budgets: budgets), over: span, opening: [])
        var most = 0
        for record in traffic.records.sorted(by: { $0.at < $1.at }) {
            replay.take(record, of: 7)
            most = max(most, replay.windowCount)
        }
        #expect(most < 55 && replay.result().counts.admitted == 240)
    }

    @Test("begin with what was spent before") func opening() {
        var traffic = LoggedTraffic()
        traffic.call(at: 0, tokens: 10)
        traffic.call(at: 5, tokens: 10)
        let spent = [BudgetSpending.Part(budgetNumber: 1, amount: 350)]
        #expect(traffic.replay([LoggedTraffic.budget(limit: 450)], opening: spent).counts.denied == 1)
    }

    @Test("hold the money of calls in flight, and let it go when these end, however they do")
    func held() {
        for how in [LoggedEnd.How.voided, .expired, .withdrawn, .repeated] {
            var traffic = LoggedTraffic()
            traffic.call(at: 0, tokens: 20, endsAfter: 100_000)
            traffic.call(at: 1, tokens: 20, endsAfter: 100_000)
            traffic.call(at: 2, tokens: 20, isDenied: true)
            traffic.end(how, ofHold: 1, at: 5)
            traffic.call(at: 6, tokens: 20)
            let result = traffic.replay([LoggedTraffic.budget(limit: 450)])
            #expect(result.counts.admitted == 3 && result.counts.denied == 1, "\(how)")
        }
    }

    @Test("go down the ladder at a threshold, and are rated by the lower model") func downgrade() {
        var traffic = LoggedTraffic()
        for second in 0..<4 { traffic.call(at: Int64(second) * 3, tokens: 10) }
        let result = traffic.replay(
            [LoggedTraffic.budget(limit: 400, downgradeAt: 50)], ladder: ["opus", "haiku"])
        #expect(result.counts.admitted == 2 && result.counts.downgraded == 2)
        #expect(result.counts.spent == Money(nanodollars: 220))
    }

    @Test("give smaller answers where the money is short, which then end early") func clamp() {
        var traffic = LoggedTraffic()
        traffic.call(at: 0, tokens: 30, least: 5)
        traffic.call(at: 3, tokens: 30, least: 5)
        let result = traffic.replay([LoggedTraffic.budget(limit: 450)])
        #expect(result.counts.admitted == 2 && result.counts.clamped == 1)
        #expect(result.counts.spent == Money(nanodollars: 450))
    }

    @Test(
        "begin anew at midnight, with what they carry over",
        arguments: [(.none, 2), (.all, 3)] as [(BudgetRules.CarryOver, Int64)])
    func midnight(carryOver: BudgetRules.CarryOver, admitted: Int64) {
        var traffic = LoggedTraffic()
        traffic.call(at: 0, tokens: 10)
        traffic.call(at: 70, tokens: 15)
        traffic.call(at: 80, tokens: 10)
        let budget = LoggedTraffic.budget(limit: 200, period: .day, rules: BudgetRules(carryOver: carryOver))
        let result = traffic.replay([budget])
        #expect(result.counts.admitted == admitted)
        #expect(result.rows.map(\.day.description) == ["2026-11-20", "2026-11-21"])
    }

    @Test("of the last hours let go of what was spent longer ago") func rolling() {
        var traffic = LoggedTraffic()
        traffic.call(at: 0, tokens: 20)
        traffic.call(at: 60, tokens: 20)
        traffic.call(at: 3_600 + 120, tokens: 20)
        let budget = LoggedTraffic.budget(limit: 250, period: .rolling(RollingPeriod(1, .hours)!))
        #expect(traffic.replay([budget]).counts.admitted == 2)
    }

    @Test("take calls that were denied to use what others use, and count them") func assumed() {
        var traffic = LoggedTraffic()
        traffic.call(at: 0, tokens: 20, usage: 8)
        traffic.call(at: 5, tokens: 20, usage: 12)
        traffic.call(at: 10, tokens: 20, isDenied: true)
        let result = traffic.replay([LoggedTraffic.budget(limit: 1_000)])
        #expect(result.assumed == 1 && result.counts.spent == Money(nanodollars: 300))
        #expect(result.counts.saved == Money(nanodollars: -100))
    }

    @Test("that deny nothing say what they would have denied", arguments: [Budget.Enforcement.soft, .shadow])
    func lenient(enforcement: Budget.Enforcement) {
        var traffic = LoggedTraffic()
        for second in 0..<5 { traffic.call(at: Int64(second) * 3, tokens: 10) }
        let result = traffic.replay([LoggedTraffic.budget(limit: 250, enforcement)])
        #expect(result.counts.denied == 0 && result.outcomes[0].wouldDeny == 3)
    }

    @Test("are charged for calls that nobody asked about, and by value where each has its own") func events() {
        var traffic = LoggedTraffic()
        traffic.event(at: 0, cost: 400)
        traffic.call(at: 1, tokens: 10, feature: "a")
        let hard = LoggedTraffic.budget(limit: 450)
        let each = LoggedTraffic.budget(2, limit: 90, scope: Scope(team: "t", each: [.feature]))
        let result = traffic.replay([hard, each])
        #expect(result.counts.denied == 1 && result.outcomes.map(\.spent) == [400, 0])
        #expect(result.counts.reallySpent == Money(nanodollars: 500))
    }

    @Test("do not lose calls that are refused", arguments: [(9, 2), (10, 0)] as [(Int64, Int64)])
    func refused(mostTokens: Int64, denied: Int64) {
        var traffic = LoggedTraffic()
        traffic.call(at: 0, tokens: 10)
        traffic.call(at: 5, tokens: 10)
        let limits = CallLimits(quantity: mostTokens, cost: .maximumCost)
        let result = traffic.replay([LoggedTraffic.budget(limit: 1_000)], callLimits: limits)
        #expect(result.counts.calls == 2 && result.rows[0].counts.calls == 2)
        #expect(result.counts.denied == denied && result.differenceCount == denied)
        #expect(result.counts.reallySpent == Money(nanodollars: 200))
        #expect(result.counts.spent == Money(nanodollars: denied == 0 ? 200 : 0))
    }

    @Test(
        "charge calls that nobody settled as they say, and what is settled late in place of it",
        arguments: [(.record, 0), (.input, 0), (.estimate, 200)] as [(BudgetRules.Unsettled, Int64)])
    func unsettled(setting: BudgetRules.Unsettled, charged: Int64) {
        let budget = LoggedTraffic.budget(limit: 10_000, rules: BudgetRules(unsettled: setting))
        var traffic = LoggedTraffic()
        traffic.call(at: 0, tokens: 20, endsAfter: 100_000)
        traffic.end(.expired, ofHold: 1, at: 600)
        let unsettled = traffic.replay([budget])
        #expect(unsettled.counts.spent == Money(nanodollars: charged) && unsettled.outcomes[0].spent == charged)
        #expect(unsettled.counts.reallySpent == .zero)

        var late = LoggedTraffic()
        late.call(at: 0, tokens: 20, endsAfter: 900, usage: 12)
        late.end(.expired, ofHold: 1, at: 600)
        let settled = late.replay([budget])
        #expect(settled.counts.spent == Money(nanodollars: 120) && settled.counts.saved == .zero)
        #expect(settled.outcomes[0].spent == 120)
        #expect(late.replay([LoggedTraffic.budget(limit: 100)]).counts.spent == .zero)
    }
}
