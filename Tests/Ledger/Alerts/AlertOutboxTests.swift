import Accounting
import Postgres
import Testing

@testable import Ledger

/// Budgets of 1,000 nanodollars; one opus token costs 10.
@Suite("The outbox of alerts") struct AlertOutboxTests {
    private static let budgets = [
        LedgerFixture.budget("team", limit: 1_000, alertAt: [50, 100]),
        LedgerFixture.budget("company", limit: 1_000, scope: Scope(), alertAt: [100]),
        LedgerFixture.budget("silent", limit: 1_000, alertAt: [50]),
    ]

    private func withReplica(
        isMaintained: Bool = true, _ body: (LedgerFixture, Connection, Replica) async throws -> Void
    ) async throws {
        try await LedgerFixture.with(Self.budgets) { fixture in
            let quiet = try isMaintained ? nil : fixture.withoutMaintenance()
            defer { withExtendedLifetime(quiet) {} }
            let connection = try fixture.connect()
            let replica = try fixture.replica()
            for budget in replica.configuration.budgets { try await replica.finishOpening(of: budget.number) }
            try await body(fixture, connection, replica)
            await replica.drain()
        }
    }

    private func spend(_ tokens: Int64, _ id: String, _ replica: Replica) async {
        #expect(await replica.report(LedgerFixture.event(id, replica, tokens: tokens)).word == "recorded")
    }

    /// The alerts written so far, as `budget kind threshold spent`.
    private func alerts(_ connection: Connection) throws -> [String] {
        try connection.query(
            "SELECT id || ' ' || kind || ' ' || threshold_millionths || ' ' || spent FROM alert JOIN budget USING (budget_number)"
        ).map { try $0.decode(String.self, at: 0) }.sorted()
    }

    @Test("has a denial as one of its own, once a window, which leaves the crossing of 100% to what is spent")
    func denial() async throws {
        try await withReplica { fixture, connection, replica in
            await spend(20, "a", replica)
            let windows = try connection.query("SELECT window_id FROM budget_window").map {
                try $0.decode(Int64.self, at: 0)
            }
            #expect(try AlertOutbox.writeExhausted(windows, connection))
            #expect(try !AlertOutbox.writeExhausted(windows, connection))
            #expect(try alerts(connection) == ["company denied 0 200", "team denied 0 200"])
            await spend(79, "b", replica)
            #expect(
                try alerts(connection).filter { $0.contains("crossed") } == [
                    "silent crossed 500000 990", "team crossed 500000 990",
                ])
            await spend(1, "c", replica)
            #expect(
                try alerts(connection).filter { $0.contains("crossed 1000000") } == [
                    "company crossed 1000000 1000", "team crossed 1000000 1000",
                ])
            await spend(50, "d", replica)
            #expect(try AlertOutbox.writeExhausted(windows, connection) == false)
            #expect(try fixture.count("alert") == 6)
        }
    }

    @Test("tells again what is reached again after the limit was raised, and nothing that is still reached")
    func raised() async throws {
        try await withReplica { fixture, connection, replica in
            func told(_ threshold: Int64) throws -> [String] {
                try connection.query(
                    """
                    SELECT a.spent || ' of ' || a.limit_amount FROM alert a JOIN budget USING (budget_number)
                    WHERE id = 'team' AND threshold_millionths = \(threshold) ORDER BY alert_id
                    """
                ).map { try $0.decode(String.self, at: 0) }
            }
            func setLimit(_ limit: Int64) throws {
                try fixture.put(LedgerFixture.budget("team", limit: limit, alertAt: [50, 100]))
            }
            await spend(100, "a", replica)
            let windows = try connection.query("SELECT window_id FROM budget_window").map {
                try $0.decode(Int64.self, at: 0)
            }
            #expect(try AlertOutbox.writeExhausted(windows, connection))
            // Half of the limit is still reached, all of it no more.
            try setLimit(1_900)
            await spend(89, "b", replica)
            #expect(try told(1_000_000) == ["1000 of 1000"])
            await spend(1, "c", replica)
            #expect(try told(1_000_000) == ["1000 of 1000", "1900 of 1900"])
            #expect(try told(500_000) == ["500 of 1000"] || told(500_000) == ["1000 of 1000"])
            #expect(try AlertOutbox.writeExhausted(windows, connection))
            #expect(try told(0).count == 2)
            // What is lowered tells nothing twice.
            try setLimit(1_800)
            #expect(try told(1_000_000).count == 2)
            try setLimit(4_000)
            #expect(try told(500_000).count == 1)
            await spend(10, "d", replica)
            #expect(try told(500_000).count == 2 && told(1_000_000).count == 2)
        }
    }

    @Test("addresses a budget's alert to the channels of its team, and to those of every team")
    func addresses() async throws {
        try await withReplica { _, connection, replica in
            _ = try TeamStore.create("u", connection)
            for (name, team) in [("team", "t"), ("other", "u"), ("shared", nil)] as [(String, String?)] {
                _ = try AlertChannelStore.put(
                    name: name, team: team, url: "https://ops.example/", newSecret: "s", connection)
            }
            await spend(100, "a", replica)
            let addressed = try connection.query(
                """
                SELECT b.id || ' ' || t.threshold_millionths || ' ' || d.channel
                FROM alert_delivery d JOIN alert t USING (alert_id) JOIN budget b USING (budget_number)
                """
            ).map { try $0.decode(String.self, at: 0) }.sorted()
            #expect(
                addressed == [
                    "company 1000000 shared", "silent 500000 shared", "silent 500000 team", "team 1000000 shared",
                    "team 1000000 team", "team 500000 shared", "team 500000 team",
                ])
            let due = try AlertDeliveryStore.claim(working: 9, failing: 0, connection)
            #expect(Set(due.map(\.channel.name)) == ["shared", "team"] && Set(due.map(\.channel.team)) == [nil, "t"])
        }
    }

    @Test("a channel stays with its team, or with every team") func ownership() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            for (name, team) in [("of-t", "t"), ("shared", nil)] as [(String, String?)] {
                let put = { (team: String?, url: String) in
                    try AlertChannelStore.put(name: name, team: team, url: url, newSecret: "s", connection)
                }
                _ = try put(team, "https://a.example/")
                #expect(try put(team, "https://b.example/").url == "https://b.example/")
                #expect(throws: StoreFailure.self) { try put(team == nil ? "t" : nil, "https://c.example/") }
                #expect(try AlertChannelStore.find(name, connection)?.team == team)
            }
            #expect(try AlertChannelStore.list(team: nil, connection).map(\.name) == ["of-t", "shared"])
            #expect(try AlertChannelStore.list(team: "t", connection).map(\.name) == ["of-t"])
        }
    }

    @Test("forgets alerts of windows that are over, and no others, a portion at a time") func pruning() async throws {
        try await withReplica(isMaintained: false) { fixture, connection, replica in
            _ = try AlertChannelStore.put(
                name: "ops", team: nil, url: "https://ops.example/", newSecret: "s", connection)
            await spend(100, "a", replica)
            #expect(try fixture.count("alert") == 4 && fixture.count("alert_delivery") == 4)
            try connection.execute("UPDATE alert SET crossed_at = now() - interval '91 days'")
            // The windows go on: the alerts still say what was told in them.
            #expect(try AlertRetention.prune(connection) == 0)
            try connection.execute("UPDATE budget_window SET ends_at = now() - interval '1 day'")
            try connection.execute(
                "UPDATE alert SET crossed_at = now() WHERE alert_id = (SELECT max(alert_id) FROM alert)")
            #expect(try AlertRetention.prune(limit: 2, connection) == 2)
            #expect(try AlertRetention.prune(limit: 2, connection) == 1)
            #expect(try AlertRetention.prune(limit: 2, connection) == 0)
            #expect(try fixture.count("alert") == 1 && fixture.count("alert_delivery") == 1)
            // A window without an end.
            try connection.execute("UPDATE budget_window SET ends_at = NULL")
            try connection.execute("UPDATE alert SET crossed_at = now() - interval '401 days'")
            #expect(try AlertRetention.prune(connection) == 1)
        }
    }
}
