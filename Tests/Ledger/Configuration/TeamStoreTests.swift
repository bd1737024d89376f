import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("A team that is renamed, as it is stored") struct TeamStoreTests {
    private static func rename(_ fixture: LedgerFixture, _ team: String = "t", to name: String) throws -> Team {
        try TeamStore.rename(team, to: name, by: "test", reason: nil, fixture.connect()).team
    }

    @Test("changes no row but that of its name, and is counted as before")
    func rows() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let replica = try fixture.replica()
            let hold = try await replica.hold(LedgerFixture.call("r1"))
            #expect(await replica.report(LedgerFixture.event("e", replica)).word == "recorded")
            let renamed = try TeamStore.rename("t", to: "n", by: "test", reason: "why", fixture.connect())
            #expect(renamed.team.name == "n" && renamed.team.formerNames == ["t"])
            #expect(await replica.awaitConfiguration(renamed.version!))
            #expect(replica.configuration.names.team(named: "n") == "t")
            #expect(replica.configuration.team(named: "n") == "t" && replica.configuration.team(named: "x") == nil)
            #expect(await replica.settle(hold, tokens: 10).word == "recorded")
            #expect(try fixture.window().spent == 200)
            #expect(try fixture.count("ledger", where: "team = 't'") == 2)
            // A budget that is made now begins with all of it.
            try fixture.put(LedgerFixture.budget("later", limit: 10_000))
            #expect(try fixture.window("later").spent == 200)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("has every name to itself")
    func names() async throws {
        try await LedgerFixture.with { fixture in
            _ = try TeamStore.create("u", fixture.connect())
            #expect(try Self.rename(fixture, to: "n").formerNames == ["t"])
            #expect(throws: StoreFailure.self) { try TeamStore.create("t", fixture.connect()) }
            #expect(throws: StoreFailure.self) { try Self.rename(fixture, "u", to: "t") }
            #expect(throws: StoreFailure.self) { try Self.rename(fixture, "u", to: "n") }
            #expect(throws: StoreFailure.self) { try Self.rename(fixture, to: "u") }
            #expect(throws: StoreFailure.self) { try Self.rename(fixture, "x", to: "y") }
            let again = try TeamStore.create("n", fixture.connect())
            #expect(again.version == nil && again.team.formerNames == ["t"])
            #expect(try TeamStore.rename("t", to: "n", by: "test", reason: nil, fixture.connect()).version == nil)
            #expect(try TeamStore.list(fixture.connect()).map(\.name) == ["n", "u"])
            #expect(try RecordedMove.list(team: "t", fixture.connect()).map(\.to.team) == ["n"])
            #expect(try RecordedMove.list(team: "u", fixture.connect()).isEmpty)
        }
    }

    @Test("is called by its new name in alerts, of its budgets and of a budget for each team")
    func alerts() async throws {
        let drafts = [
            LedgerFixture.budget(limit: 100, alertAt: [50]),
            LedgerFixture.budget("calls", limit: 1, scope: Scope(each: .team), unit: .calls, alertAt: [50]),
            LedgerFixture.budget(
                "both", limit: 1, scope: Scope(each: [.team, .feature]), unit: .calls, alertAt: [50]),
        ]
        try await LedgerFixture.with(drafts) { fixture in
            let connection = try fixture.connect()
            _ = try AlertChannelStore.put(
                name: "all", team: nil, url: "https://ops.example/", newSecret: "s", connection)
            let replica = try fixture.replica()
            _ = try Self.rename(fixture, to: "n")
            let who = Attribution(team: "t", feature: "f")
            #expect(await replica.report(LedgerFixture.event("e", replica, who: who)).word == "recorded")
            await replica.drain()
            var told: [String: DueAlert] = [:]
            for _ in 0..<3 {
                for alert in try AlertDeliveryStore.claim(working: 9, failing: 9, connection) {
                    told[alert.budgetID] = alert
                    try AlertDeliveryStore.delivered(alert, connection)
                }
            }
            #expect(told["b"]?.team == "n")
            #expect(told["calls"]?.scopeValues == ["team": "n"])
            #expect(told["both"]?.scopeValues == ["team": "n", "feature": "f"])
        }
    }
}
