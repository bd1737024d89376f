import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("A budget with one window for each value") struct WildcardBudgetTests {
    private static func spent(of id: String, _ fixture: LedgerFixture) throws -> [String: Int64] {
        let rows = try fixture.connect().query(
            """
            SELECT w.value, w.spent FROM window_total w JOIN budget b USING (budget_number)
            WHERE b.id = \(id) AND w.value <> ''
            """
        ).map { try $0.decode((String, Int64).self) }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    @Test("limits each run by itself, over two replicas, and denies none for what another has spent")
    func runs() async throws {
        let draft = LedgerFixture.budget("runs", limit: 250, scope: Scope(team: "t", each: .run), period: .total)
        try await LedgerFixture.with([draft]) { fixture in
            let replicas = [try fixture.replica(), try fixture.replica()]
            for run in 0..<6 {
                let who = Attribution(team: "t", run: "run-\(run)")
                for call in 0..<4 {
                    let replica = replicas[call % 2]
                    let verdict = try await replica.verdict(LedgerFixture.call("\(run)-\(call)", who: who))
                    // A call of 10 tokens costs 100.
                    #expect(verdict.kind == (call < 2 ? .admit : .deny), "\(run)-\(call)")
                    guard let hold = verdict.hold else {
                        let reason = try #require(verdict.reason)
                        #expect(reason.code == .budgetExhausted)
                        #expect(reason.message.contains("runs (run run-\(run)) has"), "\(reason.message)")
                        continue
                    }
                    #expect(await replica.settle(hold, tokens: 10).word == "recorded")
                }
            }
            // A call without a run is not counted.
            #expect(try await replicas[0].verdict(LedgerFixture.call("none")).budgets.isEmpty)
            let expected = Dictionary(uniqueKeysWithValues: (0..<6).map { ("run-\($0)", Int64(200)) })
            #expect(try Self.spent(of: "runs", fixture) == expected)
            for replica in replicas { await replica.drain() }
            try fixture.expectNoProblems()
        }
    }

    @Test("begins with what each value has spent before it was made")
    func opening() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            let env = Tag(key: "env", value: "prod")
            let events = [
                ("opus", Attribution(team: "t", feature: "f", user: "ann")),
                ("opus", Attribution(team: "t", run: "r", tags: [env])),
                ("haiku", Attribution(team: "t", feature: "f", run: "r")),
                ("haiku", Attribution(team: "t", run: "s", tags: [env])),
            ]
            for (index, (model, who)) in events.enumerated() {
                #expect(
                    await replica.report(LedgerFixture.event("e\(index)", replica, model, who: who)).word == "recorded")
            }
            for (index, row) in [
                (Scope(team: "t", each: .run), ["r": 110, "s": 10]), (Scope(each: .team), ["t": 220]),
                (Scope(each: .user), ["ann": 100]), (Scope(each: .model), ["maker/opus": 200, "maker/haiku": 20]),
                (Scope(team: "t", eachTag: ["env"]), ["prod": 110]),
                (Scope(each: [.feature, .provider]), [#"["f","maker"]"#: 110]), (Scope(team: "x", each: .run), [:]),
            ].enumerated() as EnumeratedSequence<[(Scope, [String: Int64])]> {
                if row.0.team == "x" { _ = try TeamStore.create("x", fixture.connect()) }
                try fixture.put(LedgerFixture.budget("b\(index)", limit: 1000, scope: row.0))
                #expect(try Self.spent(of: "b\(index)", fixture) == row.1, "\(row.0)")
            }
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("changes the limit of every value, and keeps what each has spent")
    func limits() async throws {
        let scope = Scope(team: "t", each: .run)
        try await LedgerFixture.with([LedgerFixture.budget("runs", limit: 100, scope: scope)]) { fixture in
            let replica = try fixture.replica()
            for run in ["a", "b"] {
                let hold = try await replica.hold(LedgerFixture.call(run, who: Attribution(team: "t", run: run)))
                #expect(await replica.settle(hold, tokens: 10).word == "recorded")
                let next = LedgerFixture.call("\(run)2", who: Attribution(team: "t", run: run))
                #expect(try await replica.verdict(next).kind == .deny)
            }
            let stored = try fixture.put(LedgerFixture.budget("runs", limit: 200, scope: scope))
            #expect(await replica.awaitConfiguration(stored.configurationVersion))
            for run in ["a", "b"] {
                let next = LedgerFixture.call("\(run)3", who: Attribution(team: "t", run: run))
                #expect(try await replica.verdict(next).kind == .admit)
            }
            let budget = try #require(replica.configuration.budget(id: "runs"))
            let page = try BudgetWindows.list(
                budget, at: SystemClock.wallTime(), order: .value, most: 1, ofTeam: nil, fixture.connect())
            #expect(page.count == 2)
            #expect(page.windows.map(\.value) == [WindowValue(["a"])])
            #expect(page.windows.map(\.limit) == [200])
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("takes one transaction for the first call of a value, and none for the next calls")
    func oneTransaction() async throws {
        let draft = LedgerFixture.budget("runs", limit: 100_000, scope: Scope(team: "t", each: .run))
        try await LedgerFixture.with([draft]) { fixture in
            let replica = try fixture.replica()
            let who = Attribution(team: "t", run: "a")
            _ = try await replica.hold(LedgerFixture.call("r-0", who: who))
            let connection = try fixture.connect()
            let rounds = { () throws -> Int64 in
                try connection.query("SELECT max(round) FROM lease")[0].decode(at: 0)
            }
            #expect(try rounds() == 1)
            for call in 1...2 { _ = try await replica.hold(LedgerFixture.call("r-\(call)", who: who)) }
            #expect(try rounds() == 1)
            await replica.drain()
        }
    }

    @Test("alerts for each value by itself, and says which")
    func alerts() async throws {
        let draft = LedgerFixture.budget("runs", limit: 100, scope: Scope(team: "t", each: .run), alertAt: [50])
        try await LedgerFixture.with([draft]) { fixture in
            let connection = try fixture.connect()
            _ = try AlertChannelStore.put(
                name: "ops", team: "t", url: "https://ops.example/hook", newSecret: "s", connection)
            let replica = try fixture.replica()
            for run in ["a", "b"] {
                let who = Attribution(team: "t", run: run)
                let event = LedgerFixture.event("e\(run)", replica, tokens: 6, who: who)
                #expect(await replica.report(event).word == "recorded")
            }
            var told: [[String: String]] = []
            for _ in 0..<2 {
                for alert in try AlertDeliveryStore.claim(working: 10, failing: 0, connection) {
                    told.append(alert.scopeValues)
                    try AlertDeliveryStore.delivered(alert, connection)
                }
            }
            #expect(told == [["run": "a"], ["run": "b"]])
            await replica.drain()
        }
    }
}
