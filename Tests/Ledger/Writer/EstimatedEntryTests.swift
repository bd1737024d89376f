import Foundation
import Postgres
import Pricing
import Testing

@testable import Accounting
@testable import Ledger

@Suite("A hold that expires where calls that nobody settles are charged") struct EstimatedEntryTests {
    static func budget(
        _ unsettled: BudgetRules.Unsettled, id: String = "b", unit: Budget.Unit = .usd, period: Period = .month,
        limit: Int64 = 10_000
    ) -> BudgetDraft {
        BudgetDraft(
            id: id, scope: Scope(team: "t"), period: period, zone: .utc, unit: unit, limit: limit, enforcement: .hard,
            downgradeAt: nil, alertAt: [], rules: BudgetRules(unsettled: unsettled))
    }

    /// Ten tokens of input and five of output, at ten nanodollars each.
    private static func call(_ id: String = "r") -> Call {
        Call(
            requestID: id, who: Attribution(team: "t", feature: "f"), model: "opus", inputTokens: 10,
            maxOutputTokens: 5)
    }

    /// The entries in the order in which they were made: kind, source, cost, input and output.
    private func entries(_ fixture: LedgerFixture) throws -> [String] {
        try fixture.connect().query(
            """
            SELECT kind || ' ' || source || ' ' || effective_cost_nanodollars || ' ' || input_tokens || ' ' || output_tokens
            FROM ledger ORDER BY batch_replica_id, batch_number, entry_id
            """
        ).map { try $0.decode(at: 0) }
    }

    private func sums(_ fixture: LedgerFixture) throws -> (calls: Int64, cost: Int64) {
        try fixture.connect().query(
            "SELECT sum(calls)::bigint, sum(effective_cost_nanodollars)::bigint FROM rollup")[0].decode(
                (Int64, Int64).self)
    }

    @Test(
        "becomes what the most recording of its budgets says, else its team, else a record alone",
        arguments: [
            ([.record], nil, []), ([.input], nil, ["estimated input 100 10 0"]),
            ([.estimate], nil, ["estimated estimate 150 10 5"]),
            ([.input, .estimate, .record], nil, ["estimated estimate 150 10 5"]),
            ([.record], .input, ["estimated input 100 10 0"]), ([.input], .estimate, ["estimated input 100 10 0"]),
            ([.record], .record, []), ([], .estimate, ["estimated estimate 150 10 5"]),
        ] as [([BudgetRules.Unsettled], BudgetRules.Unsettled?, [String])])
    func setting(budgets: [BudgetRules.Unsettled], team: BudgetRules.Unsettled?, expected: [String]) async throws {
        try await LedgerFixture.with(budgets.enumerated().map { Self.budget($1, id: "b\($0)") }) { fixture in
            if let team { _ = try TeamStore.change("t", .unsettled(team), fixture.connect()) }
            let replica = try fixture.replica()
            let hold = try await replica.hold(Self.call())
            try await replica.expireAll()
            #expect(try entries(fixture) == expected)
            #expect(
                try fixture.count(
                    "unsettled", where: "entry_id IS NULL AND (estimated_entry_id IS NULL) = \(expected.isEmpty)")
                    == 1)
            #expect(await replica.settle(hold, tokens: 3).word == "recorded")
            await replica.drain()
            #expect(try sums(fixture) == (1, 30))
            try fixture.expectNoProblems()
        }
    }

    @Test(
        "charges its budgets in their units, and its late settlement moves them by the difference, once",
        arguments: [
            (.usd, .month, 150, 30), (.tokens, .month, 15, 3), (.calls, .month, 1, 1),
            (.usd, .rolling(RollingPeriod(5, .hours)!), 150, 30),
        ]
            as [(Budget.Unit, Period, Int64, Int64)])
    func lateSettlement(unit: Budget.Unit, period: Period, estimated: Int64, settled: Int64) async throws {
        try await LedgerFixture.with([Self.budget(.estimate, unit: unit, period: period)]) { fixture in
            let (replica, other) = (try fixture.replica(), try fixture.replica())
            let hold = try await replica.hold(Self.call())
            try await replica.expireAll()
            #expect(try fixture.window().spent == estimated)
            #expect(try sums(fixture) == (1, 150))
            try fixture.expectNoProblems()
            let first = await other.settle(hold, tokens: 3)
            #expect(first.word == "recorded" && first.receipt?.cost == Money(nanodollars: 30))
            #expect(try fixture.window().spent == settled)
            #expect(try sums(fixture) == (1, 30))
            #expect(
                try entries(fixture) == [
                    "estimated estimate 150 10 5", "usage settle 30 3 0", "reversal settle -150 -10 -5",
                ])
            for replica in [replica, other] {
                let again = await replica.settle(hold, tokens: 3)
                #expect(again.word == "duplicate" && again.receipt?.entryID == first.receipt?.entryID)
                #expect(await replica.settle(hold, tokens: 4).word == "conflict")
            }
            #expect(try fixture.count("unsettled", where: "entry_id IS NULL") == 0)
            for replica in [replica, other] { await replica.drain() }
            #expect(try fixture.window().leased == 0)
            #expect(try sums(fixture) == (1, 30))
            try fixture.expectNoProblems()
        }
    }

    @Test(
        "does not expire while it has more time, though its call is reported in the very batch",
        arguments: [true, false])
    func extended(isEstimated: Bool) async throws {
        try await LedgerFixture.with([Self.budget(.input)]) { fixture in
            let replica = try fixture.replica()
            let hold = try await replica.hold(Self.call())
            _ = try await replica.extend(hold, seconds: 1200)
            var settled = LedgerFixture.event("r", replica, tokens: 3, source: "settle")
            settled.hold = hold
            let estimate = try #require(LedgerEntry(estimating: hold, by: .input, at: SystemClock.wallTime()))
            var session = WriterSession(replicaID: try fixture.replica().id)
            let batch = session.prepare(
                [
                    isEstimated
                        ? .estimate(Posting(estimate, isOccurredAtGiven: false), charges: [])
                        : .end(hold, .expired, charges: []),
                    .record(Posting(settled, isOccurredAtGiven: false), charges: []),
                ], VerdictNotes(), replica.configuration)
            let connection = try fixture.connect()
            for mayBeCommitted in [false, true] {
                var batch = batch
                let committed = try batch.commit(on: connection, mayBeCommitted: mayBeCommitted)
                #expect(committed.endings.filter(\.wasFirst).map(\.isSettlement) == [true])
            }
            #expect(try fixture.count("hold_end", where: "how = 'settled'") == 1)
            #expect(try fixture.count("hold_end") == 1)
        }
    }

    @Test("after a handover becomes the same on another replica")
    func handedOver() async throws {
        try await LedgerFixture.with([Self.budget(.input)]) { fixture in
            let replica = try fixture.replica()
            let hold = try await replica.hold(Self.call())
            await replica.drain()
            try fixture.connect().execute("UPDATE handed_over SET expires_at = now()")
            let other = try fixture.replica()
            try await eventually { try fixture.count("ledger") == 1 }
            #expect(try entries(fixture) == ["estimated input 100 10 0"])
            try await eventually { try fixture.window().leased == 0 }
            #expect(try fixture.window().spent == 100)
            #expect(await other.settle(hold, tokens: 2).word == "recorded")
            #expect(try fixture.window().spent == 20)
            await other.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("whose request was settled through another hold meanwhile charges nothing")
    func settledMeanwhile() async throws {
        try await LedgerFixture.with([Self.budget(.estimate)]) { fixture in
            let (replica, other) = (try fixture.replica(), try fixture.replica())
            _ = try await replica.hold(Self.call())
            let second = try await other.hold(Self.call())
            #expect(await other.settle(second, tokens: 3).word == "recorded")
            try await replica.expireAll()
            #expect(try entries(fixture) == ["usage settle 30 3 0"])
            #expect(try fixture.count("hold_end", where: "how = 'expired'") == 1)
            for replica in [replica, other] { await replica.drain() }
            #expect(try fixture.window().spent == 30)
            #expect(try fixture.window().leased == 0)
            try fixture.expectNoProblems()
        }
    }

    @Test("leaves its request to be asked for again, and that call's settlement takes the place of the estimate")
    func askedAgain() async throws {
        try await LedgerFixture.with([Self.budget(.estimate)]) { fixture in
            let replica = try fixture.replica()
            _ = try await replica.hold(Self.call())
            try await replica.expireAll()
            await replica.drain()
            // A server that has just started asks the ledger which requests are settled.
            let next = try fixture.replica()
            let second = try await next.hold(Self.call())
            #expect(await next.settle(second, tokens: 3).word == "recorded")
            #expect(try fixture.window().spent == 30)
            #expect(try fixture.count("unsettled", where: "entry_id IS NULL") == 0)
            #expect(try await next.verdict(Self.call()).reason?.code == .requestSettled)
            await next.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("has its estimate taken back in the first open month, if its own is closed")
    func closedMonth() async throws {
        try await LedgerFixture.with([Self.budget(.estimate)]) { fixture in
            let replica = try fixture.replica()
            let hold = try await replica.hold(Self.call())
            try await replica.expireAll()
            let connection = try fixture.connect()
            try connection.closeMonths(where: "month = date_trunc('month', now())::date")
            #expect(await replica.settle(hold, tokens: 3).word == "recorded")
            let months = try connection.query(
                """
                SELECT kind, booking_month > date_trunc('month', occurred_at)::date FROM ledger ORDER BY entry_id
                """
            ).map { try $0.decode((String, Bool).self) }
            #expect(months.map(\.0) == ["estimated", "usage", "reversal"] && months.map(\.1) == [false, true, true])
            #expect(try fixture.window().spent == 30)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("is counted by a budget that was made later, as long as nobody settles it")
    func laterBudget() async throws {
        try await LedgerFixture.with([Self.budget(.estimate)]) { fixture in
            let replica = try fixture.replica()
            let hold = try await replica.hold(Self.call())
            try await replica.expireAll()
            let stored = try fixture.put(LedgerFixture.budget("later", limit: 10_000))
            #expect(await replica.awaitConfiguration(stored.configurationVersion))
            #expect(try fixture.window("later").spent == 150)
            #expect(await replica.settle(hold, tokens: 3).word == "recorded")
            #expect(try fixture.window("later").spent == 30)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    /// The answer to a commit was lost, and what was committed is looked up when another has settled the call since.
    @Test("is known to have become its entry though that was taken back since")
    func lookedUp() async throws {
        try await LedgerFixture.with([Self.budget(.estimate)]) { fixture in
            let (replica, other) = (try fixture.replica(), try fixture.replica())
            let hold = try await replica.hold(Self.call())
            let entry = try #require(LedgerEntry(estimating: hold, by: .estimate, at: SystemClock.wallTime()))
            let charges = hold.charges.map {
                WindowCharge(target: .window($0.windowID), isCounted: true, spent: 150, leaseRelease: $0.amount)
            }
            var session = WriterSession(replicaID: replica.id)
            var batch = session.prepare(
                [.estimate(Posting(entry, isOccurredAtGiven: false), charges: charges)], VerdictNotes(),
                replica.configuration)
            let connection = try fixture.connect()
            let committed = try batch.commit(on: connection, mayBeCommitted: false)
            #expect(await other.settle(hold, tokens: 3).word == "recorded")
            let found = try batch.commit(on: connection, mayBeCommitted: true)
            for batch in [committed, found] {
                #expect(batch.endings.map { $0.charges.map(\.leaseRelease) } == [[150]])
                #expect(batch.endings.map(\.wasFirst) == [true] && batch.outcomes.map(\.word) == ["recorded"])
            }
            #expect(try fixture.window().spent == 30)
            #expect(try fixture.count("ledger") == 3)
            await other.drain()
        }
    }

    @Test("keeps its estimate when calls are rated anew")
    func rerated() async throws {
        try await LedgerFixture.with([Self.budget(.estimate)]) { fixture in
            let replica = try fixture.replica()
            _ = try await replica.hold(Self.call())
            try await replica.expireAll()
            let connection = try fixture.connect()
            let dearer = LedgerFixture.priceFile.replacingOccurrences(of: "\"0.01\"", with: "\"0.02\"")
            _ = try PriceStore.add(
                [PriceFile.parse(dearer, fileName: "maker.yaml")], from: .asWritten, isDryRun: false, connection)
            #expect(try await CorrectionRun(RerateScope(), on: replica).run().callCount == 0)
            #expect(try fixture.window().spent == 150)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test(
        "is told by the verification if its entry is not what was held, or was not taken back whole",
        arguments: [
            "effective_cost_nanodollars = 149, list_cost_nanodollars = 149 WHERE kind = 'estimated'",
            "output_tokens = 0 WHERE kind = 'reversal'",
        ])
    func verification(change: String) async throws {
        try await LedgerFixture.with([Self.budget(.estimate)]) { fixture in
            let replica = try fixture.replica()
            let hold = try await replica.hold(Self.call())
            try await replica.expireAll()
            _ = await replica.settle(hold, tokens: 3)
            await replica.drain()
            try fixture.connect().executeScript(
                """
                ALTER TABLE ledger DISABLE TRIGGER append_only;
                UPDATE ledger SET \(change);
                """)
            #expect(try fixture.problems().contains { $0.contains("held for its call") || $0.contains("not whole") })
        }
    }
}
