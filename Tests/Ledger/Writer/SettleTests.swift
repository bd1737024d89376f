import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("A settlement") struct SettleTests {
    @Test("writes its entry, key, outcome row, window and daily sum in one transaction")
    func oneCommit() async throws {
        let budgets = [
            LedgerFixture.budget(limit: 10_000), LedgerFixture.budget("tokens", limit: 10_000, unit: .tokens),
            LedgerFixture.budget("calls", limit: 10, unit: .calls, .soft),
        ]
        try await LedgerFixture.with(budgets) { fixture in
            let replica = try fixture.replica()
            let who = Attribution(
                team: "t", feature: "f", user: "ann", run: "run", tags: [Tag(key: "env", value: "prod")])
            let hold = try await replica.hold(LedgerFixture.call("r", tokens: 50, who: who))
            #expect(try fixture.window().leased >= 500)
            let receipt = try #require(await replica.settle(hold, tokens: 30).receipt)
            #expect(receipt.cost == Money(nanodollars: 300))
            #expect(receipt.overrun == .zero)
            #expect(receipt.model == "opus")
            let connection = try fixture.connect()
            let transactions = try connection.query(
                """
                SELECT xmin::text FROM ledger UNION SELECT xmin::text FROM entry_key UNION SELECT xmin::text FROM hold_end
                UNION SELECT xmin::text FROM rollup UNION SELECT xmin::text FROM batch WHERE entry_count > 0
                UNION SELECT xmin::text FROM budget_window
                """)
            #expect(transactions.count == 1)
            let row = try connection.query(
                """
                SELECT entry_id, team, feature, "user", run, tags ->> 'env', requested_model, provider, model,
                    effective_cost_nanodollars, estimate_nanodollars, input_tokens, cardinality(window_ids)
                FROM ledger_entry
                """)[0]
            let (id, team, feature, user, run, env, asked, provider, model, cost, estimate, tokens, windows) =
                try row.decode(
                    (
                        Int64, String, String, String, String, String, String, String, String, Int64, Int64, Int64,
                        Int32
                    ).self)
            #expect(id == receipt.entryID)
            #expect([team, feature, user, run, env] == ["t", "f", "ann", "run", "prod"])
            #expect([asked, provider, model] == ["opus", "maker", "opus"])
            #expect([cost, estimate, tokens] == [300, 500, 30])
            #expect(windows == 3)
            #expect(try fixture.window().spent == 300)
            #expect(try fixture.window("tokens").spent == 30)
            #expect(try fixture.window("calls").spent == 1)
            #expect(try fixture.window("calls").leased == 0)
            let ended = try connection.query("SELECT how, entry_id FROM hold_end")
            #expect(try ended.map { try $0.decode(Int64.self, at: 1) } == [receipt.entryID])
            #expect(try fixture.count("rollup", where: "calls = 1 AND effective_cost_nanodollars = 300") == 1)
            await replica.drain()
            #expect(try fixture.window().leased == 0)
            try fixture.expectNoProblems()
        }
    }

    @Test("is answered the same again: at once, from another replica, and after a restart")
    func duplicate() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let (first, second) = (try fixture.replica(), try fixture.replica())
            let hold = try await first.hold("r", tokens: 50)
            let receipt = try #require(await first.settle(hold, tokens: 70).receipt)
            #expect(receipt.overrun == Money(nanodollars: 200))
            let again = await first.settle(hold, tokens: 70)
            let elsewhere = await second.settle(hold, tokens: 70)
            await first.drain()
            let restarted = try fixture.replica()
            let later = await restarted.settle(hold, tokens: 70)
            for result in [again, elsewhere, later] {
                #expect(result.word == "duplicate")
                let repeated = try #require(result.receipt)
                #expect(repeated.entryID == receipt.entryID)
                #expect(repeated.cost == receipt.cost)
                #expect(repeated.overrun == receipt.overrun)
                #expect(repeated.model == receipt.model)
            }
            #expect(try fixture.count("ledger") == 1)
            #expect(try fixture.window().spent == 700)
            await second.drain()
            await restarted.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("with other content is a conflict that charges nothing, is kept, and leaves its hold open")
    func conflict() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let (first, second) = (try fixture.replica(), try fixture.replica())
            // A retry that reaches another replica makes a second hold.
            let hold = try await first.hold("r", tokens: 50)
            let retried = try await second.hold("r", tokens: 50)
            let receipt = try #require(await first.settle(hold, tokens: 30).receipt)
            let refused = await second.settle(retried, tokens: 31)
            #expect(refused.word == "conflict")
            #expect(refused.receipt?.entryID == receipt.entryID)
            #expect(refused.receipt?.cost == Money(nanodollars: 300))
            #expect(await second.settle(retried, tokens: 31).word == "conflict")
            #expect(try fixture.count("disputed") == 1)
            let disputed = try fixture.connect().query(
                "SELECT committed_entry_id, cost_nanodollars, quantities[1] FROM disputed")[0]
            #expect(try disputed.decode((Int64, Int64, Int64).self) == (receipt.entryID, Int64(310), Int64(31)))
            #expect(try fixture.window().spent == 300)
            #expect(try fixture.count("hold_end") == 1)
            #expect(second.status.openHolds == 1)
            // The second hold ends when it is itself settled, voided or expired.
            #expect(await second.settle(retried, tokens: 30).word == "duplicate")
            #expect(second.status.openHolds == 0)
            #expect(try fixture.count("hold_end") == 2)
            #expect(try fixture.window().spent == 300)
            await first.drain()
            await second.drain()
            #expect(try fixture.window().leased == 0)
            try fixture.expectNoProblems()
        }
    }

    @Test("sent many times at once is recorded once")
    func sameBatch() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let replica = try fixture.replica()
            let hold = try await replica.hold("r", tokens: 50)
            let words = await withTaskGroup(of: String.self) { group in
                for index in 0..<20 {
                    group.addTask { await replica.settle(hold, tokens: index < 10 ? 40 : 41).word }
                }
                return await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(words == ["recorded": 1, "duplicate": 9, "conflict": 10])
            #expect([400, 410].contains(try fixture.window().spent))
            #expect(try fixture.count("ledger") == 1)
            #expect(replica.status.openHolds == 0)
            await replica.drain()
            #expect(try fixture.window().leased == 0)
            try fixture.expectNoProblems()
        }
    }

    @Test("of a hold made elsewhere takes it out of the maker's lease, which hears of it")
    func remote() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 100_000)]) { fixture in
            let (maker, other) = (try fixture.replica(), try fixture.replica())
            let hold = try await maker.hold("r", tokens: 50)
            let before = try fixture.window().leased
            #expect(await other.settle(hold, tokens: 20).word == "recorded")
            #expect(try fixture.window().leased == before - 500)
            #expect(try fixture.window().spent == 200)
            try await eventually { maker.status.openHolds == 0 }
            #expect(await maker.void(hold).word == "already settled")
            await maker.drain()
            await other.drain()
            #expect(try fixture.window().leased == 0)
            try fixture.expectNoProblems()
        }
    }

    @Test("of a model that none of the budgets knew charges those that count it, and opens their windows")
    func servedByAnother() async throws {
        let budgets = [
            LedgerFixture.budget(limit: 10_000),
            LedgerFixture.budget("opus", limit: 10_000, scope: Scope(model: "opus")),
            LedgerFixture.budget("haiku", limit: 10_000, scope: Scope(model: "haiku"), period: .day),
        ]
        try await LedgerFixture.with(budgets) { fixture in
            let replica = try fixture.replica()
            // Deletes the window that was opened with the budget, so that the entry must open one.
            try fixture.connect().execute(
                "DELETE FROM budget_window USING budget b WHERE b.id = 'haiku' AND b.budget_number = budget_window.budget_number"
            )
            let hold = try await replica.hold("r", tokens: 50)
            let haiku = ModelName(provider: "maker", model: "haiku")
            #expect(await replica.settle(hold, tokens: 50, model: haiku).receipt?.cost == Money(nanodollars: 50))
            #expect(try fixture.window().spent == 50)
            #expect(try fixture.window("opus").spent == 0)
            #expect(try fixture.window("haiku").spent == 50)
            await replica.drain()
            #expect(try fixture.window("opus").leased == 0)
            try fixture.expectNoProblems()
        }
    }
}

/// Waits at most a minute for a condition to become true: the machine may be busy.
func eventually(_ isTrue: @Sendable () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !isTrue() {
        guard ContinuousClock.now < deadline else {
            Issue.record("it never became true")
            return
        }
        try await Task.sleep(for: .milliseconds(10))
    }
}
