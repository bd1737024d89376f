import Accounting
import Postgres
import Pricing
import Testing

@testable import Ledger

/// Prices that change at midnight UTC on the 15th, a later correction of these prices, and calls on both sides of the
/// change.
@Suite("Calls that are rated again") struct RerateTests {
    private static let model = ModelName(provider: "maker", model: "opus")

    /// Changes opus from the fixture's 10 nanodollars a token to `usd` a million tokens, by default from the 15th on.
    private static func change(_ fixture: LedgerFixture, to usd: String, from: String = "2026-10-15") throws {
        let text = LedgerFixture.priceFile
            .split(separator: "\n").prefix { $0 != "  sonnet:" }.joined(separator: "\n")
            .replacing("from: 2020-01-01", with: "from: \(from)").replacing("\"0.01\"", with: "\"\(usd)\"")
        let file = try PriceFile.parse(text + "\n", fileName: "maker.yaml")
        _ = try PriceStore.add([file], from: .asWritten, isDryRun: false, fixture.connect())
    }

    private static func reported(_ id: String, at moment: String, tokens: Int64 = 10, by replica: Replica) async throws
    {
        let moment = try #require(Timestamp(rfc3339: moment))
        let result = await replica.report(LedgerFixture.event(id, replica, tokens: tokens, at: moment))
        #expect(result.word == "recorded")
    }

    /// Corrects all calls in a scope. The corrections are booked unless this is a dry run.
    @discardableResult private static func rerate(
        _ scope: RerateScope, _ replica: Replica, isDryRun: Bool = false
    ) async throws -> RerateSummary {
        try await CorrectionRun(scope, on: replica, isDryRun: isDryRun).run()
    }

    private static func october(_ model: ModelName? = nil) -> RerateScope {
        var scope = RerateScope()
        scope.days = CalendarDay(text: "2026-10-01")!...CalendarDay(text: "2026-10-31")!
        scope.models = model.map { [$0] }
        return scope
    }

    private static func costs(_ fixture: LedgerFixture) throws -> [String: Int64] {
        var costs: [String: Int64] = [:]
        for row in try fixture.connect().query(
            "SELECT request_id, sum(effective_cost_nanodollars)::bigint FROM ledger GROUP BY 1")
        {
            let (id, cost) = try row.decode((String, Int64?).self)
            costs[id] = cost
        }
        return costs
    }

    @Test("cost what their own day's price was, recorded late and out of order, and after a correction what it is now")
    func midnight() async throws {
        let budgets = [
            LedgerFixture.budget(limit: 1_000_000, period: .total),
            LedgerFixture.budget("tokens", limit: 1_000_000, period: .total, unit: .tokens),
            LedgerFixture.budget("calls", limit: 1_000_000, period: .total, unit: .calls),
        ]
        try await LedgerFixture.with(budgets) { fixture in
            try Self.change(fixture, to: "0.03")
            let replica = try fixture.replica()
            try await Self.reported("after", at: "2026-10-15T00:00:00Z", by: replica)
            try await Self.reported("before", at: "2026-10-14T23:59:59Z", by: replica)
            try await Self.reported("long after", at: "2026-10-31T12:00:00Z", by: replica)
            try await Self.reported("september", at: "2026-09-30T12:00:00Z", by: replica)
            #expect(
                try Self.costs(fixture) == ["before": 100, "after": 300, "long after": 300, "september": 100])
            #expect(try fixture.window().spent == 800)

            // The price from the 15th on was in fact 0.02.
            try Self.change(fixture, to: "0.02")
            let dry = try await Self.rerate(Self.october(), replica, isDryRun: true)
            #expect(dry.callCount == 3 && dry.correctedCalls == 2)
            #expect(dry.differenceNanodollars == -200)
            #expect(try fixture.count("ledger") == 4)

            let booked = try await Self.rerate(Self.october(), replica)
            #expect(booked.correctedCalls == 2)
            let team = try #require(booked.teams.first)
            #expect(team.name == "t" && team.sums.correctedCalls == 2 && team.sums.newlyPricedCalls == 0)
            #expect(team.sums.beforeNanodollars == 600 && team.sums.afterNanodollars == 400)
            #expect(
                try Self.costs(fixture) == ["before": 100, "after": 200, "long after": 200, "september": 100])
            #expect(try fixture.window().spent == 600)
            #expect(try fixture.window("tokens").spent == 40 && fixture.window("calls").spent == 4)
            // Each correction names its call, and both entries state their prices.
            let named = try fixture.connect().query(
                """
                SELECT count(*) FROM ledger c JOIN ledger l ON l.entry_id = c.corrects_entry_id
                WHERE c.kind = 'adjustment' AND c.price_ids <> l.price_ids AND c.quantities = l.quantities
                    AND c.input_tokens = 0 AND c.attempt = 1
                """)
            #expect(try named[0].decode(Int64.self, at: 0) == 2)

            let again = try await Self.rerate(Self.october(), replica)
            #expect(again.correctedCalls == 0)
            // The prices are corrected again, for the same calls.
            try Self.change(fixture, to: "0.025")
            #expect(try await Self.rerate(Self.october(), replica).correctedCalls == 2)
            #expect(try fixture.window().spent == 700)
            try fixture.expectNoProblems()
            await replica.drain()
        }
    }

    @Test("of one model leave those of others alone") func model() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            try await Self.reported("a", at: "2026-10-20T00:00:00Z", by: replica)
            try Self.change(fixture, to: "0.03")
            let other = ModelName(provider: "maker", model: "sonnet")
            #expect(try await Self.rerate(Self.october(other), replica).callCount == 0)
            #expect(try await Self.rerate(Self.october(Self.model), replica).correctedCalls == 1)
            try fixture.expectNoProblems()
            // Changes a price by which only the correction was rated.
            try fixture.connect().executeScript(
                """
                SET session_replication_role = replica;
                UPDATE price SET femtodollars_per_unit = femtodollars_per_unit + 1000000 WHERE valid_from > '2026-01-01';
                """)
            let problems = try fixture.problems()
            #expect(problems.count == 1 && problems[0].contains("with its corrections"))
            await replica.drain()
        }
    }

    @Test("get their correction in the open month where theirs is closed") func closedMonth() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1_000_000)]) { fixture in
            let replica = try fixture.replica()
            try await Self.reported("a", at: "2026-10-20T00:00:00Z", by: replica)
            try Self.change(fixture, to: "0.03")
            try fixture.connect().closeMonths(where: "month = '2026-10-01'")
            try await Self.rerate(Self.october(), replica)
            let booked = try fixture.connect().query(
                """
                SELECT kind, booking_month::text, effective_cost_nanodollars FROM ledger ORDER BY entry_id
                """
            ).map { try $0.decode((String, String, Int64).self) }
            #expect(booked.map(\.0) == ["usage", "adjustment"])
            #expect(booked.map(\.1) == ["2026-10-01", "2026-11-01"] && booked.map(\.2) == [100, 200])
            let rows = try Self.rerates(fixture, "2026-11")
            #expect(
                rows.map { $0.map(\.text) } == [
                    ["t", "2026-10-20", "maker", "opus", "standard", "0", "1", "0.0000002"]
                ])
            #expect(try Self.rerates(fixture, "2026-10").isEmpty)
            try fixture.expectNoProblems()
            await replica.drain()
        }
    }

    private static func rerates(_ fixture: LedgerFixture, _ month: String) throws -> [[Report.Cell]] {
        let definition = try #require(try ReportCatalog(LedgerFixture.resources).definition("rerates"))
        return try definition.run(month: CalendarMonth(text: month)!, team: nil, fixture.connect()).rows
    }

    @Test("and had no price are priced once there is one, and no longer count as unpriced") func unpriced() async throws
    {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1_000_000, .soft)]) { fixture in
            let replica = try fixture.replica()
            for (number, day) in ["2026-11-02", "2026-11-03"].enumerated() {
                let entry = LedgerFixture.event(
                    "e\(number)", replica, "nova", at: Timestamp(rfc3339: "\(day)T00:00:00Z"))
                #expect(await replica.report(entry).word == "recorded")
            }
            #expect(try await Self.rerate(.unpriced, replica).unpricedCalls == 2)
            let text = LedgerFixture.priceFile.replacing("opus:", with: "nova:")
            let file = try PriceFile.parse(
                text.replacing("from: 2020-01-01", with: "from: 2026-11-03"), fileName: "maker.yaml")
            _ = try PriceStore.add([file], from: .asWritten, isDryRun: false, fixture.connect())

            let summary = try await Self.rerate(.unpriced, replica)
            #expect(summary.correctedCalls == 1)
            #expect(summary.teams[0].sums.newlyPricedCalls == 1 && summary.unpricedCalls == 1)
            #expect(summary.differenceNanodollars == 100)
            #expect(try Self.costs(fixture) == ["e1": 100])
            let sums = try fixture.connect().query(
                "SELECT sum(unpriced_calls)::bigint, sum(calls)::bigint, sum(effective_cost_nanodollars)::bigint FROM rollup"
            )
            let (unpricedCalls, calls, cost) = try sums[0].decode((Int64, Int64, Int64).self)
            #expect(unpricedCalls == 1 && calls == 2 && cost == 100)
            #expect(try fixture.window().spent == 100)
            #expect(try await Self.rerate(.unpriced, replica).correctedCalls == 0)
            try fixture.expectNoProblems()
            await replica.drain()
        }
    }

    @Test(
        "and were called by a snapshot of a model without a price are priced with it; what used nothing costs nothing")
    func snapshot() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            let name = ModelName(provider: "maker", model: "nova-2026-10-01")
            for tokens in [10, 0] as [Int64] {
                let usage = LedgerFixture.usage(tokens)
                let now = SystemClock.wallTime()
                let entry = LedgerEntry(
                    occurredAt: now, recordedAt: now, source: "job", requestID: "e\(tokens)",
                    who: Attribution(team: "t"), requestedModel: name.description, model: name, tier: .standard,
                    usage: usage, rated: .unpriced(usage.quantities))
                #expect(await replica.report(entry).word == "recorded")
            }
            let before = try await Self.rerate(RerateScope(), replica)
            #expect(before.unpricedCalls == 1 && before.callCount == 2)
            let file = try PriceFile.parse(
                LedgerFixture.priceFile.replacing("opus:", with: "nova:"), fileName: "maker.yaml")
            _ = try PriceStore.add([file], from: .asWritten, isDryRun: false, fixture.connect())
            #expect(try await Self.rerate(.unpriced, replica).correctedCalls == 1)
            #expect(try Self.costs(fixture) == ["e10": 100, "e0": 0])
            try fixture.expectNoProblems()
            await replica.drain()
        }
    }

    @Test("may come to more than any money there is, where a price was wrong by a million times") func absurdSum() {
        var summary = RerateSummary()
        let moment = Timestamp(seconds: 0)
        for _ in 0..<3 {
            let entry = LedgerEntry(
                occurredAt: moment, recordedAt: moment, source: "job", requestID: "r", who: Attribution(team: "t"),
                requestedModel: "opus", model: Self.model, tier: .standard, usage: LedgerFixture.usage(1),
                rated: .unpriced(Quantities()))
            let most = Money(nanodollars: .max)
            summary.add(
                Correction(
                    entry: entry, before: nil, after: most, windows: [], recordedAt: SystemClock.wallTime(),
                    reason: RerateReason(.newlyPriced, Self.model))
            )
        }
        #expect(summary.differenceNanodollars == 3 * Int128(Int64.max))
    }

    @Test("by two at once are corrected once") func twice() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1_000_000, period: .total)]) { fixture in
            let replicas = [try fixture.replica(), try fixture.replica()]
            for number in 0..<20 {
                try await Self.reported("e\(number)", at: "2026-10-20T00:00:00Z", by: replicas[number % 2])
            }
            try Self.change(fixture, to: "0.03")
            let both = replicas.map { _ in Rerating(Self.october(), within: .standard) }
            let corrections = try both.map { rerating in
                var rerating = rerating
                return try rerating.next(at: SystemClock.wallTime(), fixture.connect()).corrections
            }
            let words = await withTaskGroup(of: String.self) { group in
                for (replica, corrections) in zip(replicas, corrections) {
                    for correction in corrections { group.addTask { await replica.correct(correction).word } }
                }
                return await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(words == ["recorded": 20, "duplicate": 20])
            #expect(try fixture.window().spent == 20 * 300)
            try fixture.expectNoProblems()
            for replica in replicas { await replica.drain() }
        }
    }

    @Test("are rated by the book of each moment, also where it changes while they are") func bookChanges() async throws
    {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            try await Self.reported("e", at: "2026-10-20T00:00:00Z", by: replica)
            try Self.change(fixture, to: "0.03")
            var rerating = Rerating(Self.october(), within: .standard)
            try Self.change(fixture, to: "0.02")
            let page = try rerating.next(at: SystemClock.wallTime(), fixture.connect())
            #expect(page.corrections.map(\.after.nanodollars) == [200])
            await replica.drain()
        }
    }

    @Test("of a tier that only a later version knows keep their cost, and its prices are nobody else's")
    func laterTier() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            try connection.execute(
                """
                INSERT INTO price (provider, model, meter, service_tier, above_context_tokens, femtodollars_per_unit,
                    valid_from, source)
                VALUES ('maker', 'opus', 'input_tokens', 'lightspeed', 0, 99000000, '2020-01-01', 'a later version')
                """)
            let replica = try fixture.replica()
            let hold = try await replica.hold("r", tokens: 10)
            #expect(hold.estimate == Money(nanodollars: 100))
            #expect(await replica.settle(hold, tokens: 10).word == "recorded")
            try connection.executeScript(
                "SET session_replication_role = replica; UPDATE ledger SET service_tier = 'lightspeed';")
            #expect(try await Self.rerate(RerateScope(), replica).refusedCalls == 1)
            await replica.drain()
        }
    }

    @Test("by two runs at once are told as corrected by one of them, and looked at again by the other")
    func twoRuns() async throws {
        try await LedgerFixture.with { fixture in
            let replicas = [try fixture.replica(), try fixture.replica()]
            for number in 0..<200 {
                try await Self.reported("e\(number)", at: "2026-10-20T00:00:00Z", by: replicas[0])
            }
            try Self.change(fixture, to: "0.03")
            async let other = Self.rerate(Self.october(), replicas[1])
            let both = [try await Self.rerate(Self.october(), replicas[0]), try await other]
            #expect(both.map(\.correctedCalls).reduce(0, +) == 200)
            #expect(both.map(\.differenceNanodollars).reduce(0, +) == 200 * 200)
            #expect(both.map(\.callCount) == [200, 200])
            try fixture.expectNoProblems()
            for replica in replicas { await replica.drain() }
        }
    }

    @Test("and would cost more than a call may, or are refused by the ledger, keep their cost and stop no other")
    func refused() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            for (id, tokens) in [("dear", 2000), ("bad", 10), ("good", 10)] as [(String, Int64)] {
                try await Self.reported(id, at: "2026-10-20T00:00:00Z", tokens: tokens, by: replica)
            }
            // The price is 1000 USD a token.
            try Self.change(fixture, to: "1000000000")
            try fixture.connect().execute(
                "ALTER TABLE ledger ADD CHECK (kind = 'usage' OR request_id <> 'bad') NOT VALID")
            for _ in 0..<2 {
                let summary = try await Self.rerate(Self.october(), replica)
                #expect(summary.refusedCalls == 2 && summary.unpricedCalls == 0)
            }
            #expect(try Self.costs(fixture) == ["dear": 20_000, "bad": 100, "good": 10_000_000_000_000])
            try fixture.expectNoProblems()
            await replica.drain()
        }
    }

    @Test("and had no price have saved by their downgrade what is left of what was asked for") func saved() async throws
    {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            var entry = LedgerFixture.event("e", replica, "nova")
            entry.requestedModel = "maker/opus"
            entry.requestedCost = Money(nanodollars: 100)
            #expect(await replica.report(entry).word == "recorded")
            func saved() throws -> Int64 {
                try fixture.connect().query("SELECT sum(saved_nanodollars)::bigint FROM rollup")[0].decode(at: 0)
            }
            #expect(try saved() == 0)
            let text = LedgerFixture.priceFile.replacing("opus:", with: "nova:").replacing("0.01", with: "0.007")
            let file = try PriceFile.parse(text, fileName: "maker.yaml")
            _ = try PriceStore.add([file], from: .asWritten, isDryRun: false, fixture.connect())
            #expect(try await Self.rerate(.unpriced, replica).correctedCalls == 1)
            #expect(try saved() == 30)
            // The requested model costs three times as much after all.
            try Self.change(fixture, to: "0.03", from: "2020-01-01")
            #expect(try await Self.rerate(RerateScope(), replica).correctedCalls == 1)
            #expect(try saved() == 230)
            #expect(try await Self.rerate(RerateScope(), replica).correctedCalls == 0)
            try fixture.expectNoProblems()
            await replica.drain()
        }
    }

    @Test("and are counted by a budget made since change what it has spent") func budgetMadeSince() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            let now = SystemClock.wallTime()
            #expect(await replica.report(LedgerFixture.event("e", replica, at: now)).word == "recorded")
            let stored = try fixture.put(LedgerFixture.budget(limit: 1_000_000, period: .total))
            #expect(await replica.awaitConfiguration(stored.configurationVersion))
            try await replica.finishOpening(of: stored.budget.number)
            #expect(try fixture.window().spent == 100)
            try Self.change(fixture, to: "0.03", from: "2026-10-15")
            var scope = RerateScope()
            scope.days = now.day...now.day
            try await Self.rerate(scope, replica)
            #expect(try fixture.window().spent == 300)
            try fixture.expectNoProblems()
            await replica.drain()
        }
    }
}
