import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("A configuration that is read as changes") struct ConfigurationLoadingTests {
    /// What a configuration says of budgets, in words.
    private static func words(_ configuration: Configuration) -> [String] {
        configuration.scopes.budgets.map {
            "\($0.number) \($0.id) \($0.version) \($0.limit) \($0.whyUnreadable ?? "readable")"
        }
    }

    @Test("is the whole one, also where another version made the change")
    func changes() async throws {
        try await LedgerFixture.with([LedgerFixture.budget("a", limit: 1)]) { fixture in
            let connection = try fixture.connect()
            var loaded = try ConfigurationStore.load(connection)
            #expect(try ConfigurationStore.load(connection, previous: loaded, isWhole: false, replicaID: 1) == nil)
            let steps: [() throws -> Void] = [
                { try fixture.put(LedgerFixture.budget("b", limit: 2, scope: Scope(team: "t", feature: "f"))) },
                { try fixture.put(LedgerFixture.budget("a", limit: 5)) },
                // As a server of an earlier version does it, which knows nothing of what it changes.
                {
                    try connection.execute("UPDATE budget SET limit_amount = 7, version = version + 1 WHERE id = 'b'")
                    try connection.execute("UPDATE deployment SET configuration_version = configuration_version + 1")
                },
                {
                    try connection.execute("UPDATE budget SET time_zone = 'Mars/Base' WHERE id = 'b'")
                    try connection.execute("UPDATE deployment SET configuration_version = configuration_version + 1")
                },
                { try fixture.put(LedgerFixture.budget("c", limit: 3, scope: Scope(team: "t", user: "u"))) },
                { _ = try TeamStore.create("u", connection) },
                {
                    try connection.execute("UPDATE budget SET removed_at = now() WHERE id = 'a'")
                    try connection.execute("UPDATE deployment SET configuration_version = configuration_version + 1")
                },
            ]
            for step in steps {
                try step()
                let change = try ConfigurationStore.load(connection, previous: loaded, isWhole: false, replicaID: 1)
                loaded = try #require(change).loaded
                let whole = try ConfigurationStore.load(connection)
                #expect(Self.words(loaded.configuration) == Self.words(whole.configuration))
                #expect(loaded.configuration.version == whole.configuration.version)
                #expect(loaded.configuration.teams == whole.configuration.teams)
            }
            #expect(loaded.configuration.unreadableBudgets.map(\.id) == ["b"])
        }
    }

    @Test("closes the scope of a budget that cannot be read, and no other")
    func unreadable() async throws {
        let other = LedgerFixture.budget("g", limit: 10_000, scope: Scope(team: "t", feature: "g"))
        try await LedgerFixture.with([
            LedgerFixture.budget("f", limit: 10_000, scope: Scope(team: "t", feature: "f")), other,
        ]) { fixture in
            let replica = try fixture.replica()
            let (f, g) = (Attribution(team: "t", feature: "f"), Attribution(team: "t", feature: "g"))
            let hold = try await replica.hold(LedgerFixture.call("before", who: f))
            let connection = try fixture.connect()
            try connection.execute("UPDATE budget SET time_zone = 'Mars/Base' WHERE id = 'f'")
            let version: Int64 = try connection.query(
                """
                UPDATE deployment SET configuration_version = configuration_version + 1
                RETURNING configuration_version
                """)[0].decode(at: 0)
            #expect(await replica.awaitConfiguration(version))
            #expect(replica.status.unreadableBudgets == 1)
            let denied = try await replica.verdict(LedgerFixture.call("r", who: f))
            #expect(denied.kind == .deny && denied.reason?.code == .replicaFenced)
            #expect(denied.reason?.message.contains("Mars/Base") == true)
            #expect(try await replica.verdict(LedgerFixture.call("s", who: g)).kind == .admit)
            // What the call must be charged to is not known here. Nothing is recorded, and the hold stays open.
            #expect(await replica.settle(hold, tokens: 10).word == "unavailable")
            #expect(throws: StoreFailure.self) {
                try fixture.put(LedgerFixture.budget("f", limit: 5, scope: Scope(team: "t", feature: "f")))
            }
            try connection.execute("UPDATE budget SET time_zone = 'UTC' WHERE id = 'f'")
            try connection.execute("UPDATE deployment SET configuration_version = configuration_version + 1")
            #expect(await replica.awaitConfiguration(version + 1))
            #expect(await replica.settle(hold, tokens: 10).word == "recorded")
            await replica.drain()
        }
    }

    @Test("that a live replica lacks is told as not everywhere, once, when the time is over")
    func notEverywhere() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            _ = try ReplicaRegistry.register(fixture.connect())
            let version = replica.configuration.version
            let rollout = ConfigurationRollout(database: replica.database) { version }
            async let both = [
                rollout.reaches(version, by: .now + .milliseconds(300)), rollout.reaches(0, by: .now + .seconds(5)),
            ]
            #expect(await both == [false, true])
            await replica.drain()
        }
    }

    @Test("opens a budget with what its calls had spent, wherever the sums' fence is")
    func openings() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let replica = try fixture.replica()
            let scopes = [
                Scope(team: "t"), Scope(team: "t", feature: "f"), Scope(team: "t", user: "ann"),
                Scope(team: "t", tags: [Tag(key: "env", value: "prod")]), Scope(provider: "maker"), Scope(run: "r1"),
            ]
            for round in 0..<4 {
                for (index, who) in [
                    Attribution(team: "t", feature: "f", user: "ann"),
                    Attribution(team: "t", run: "r1", tags: [Tag(key: "env", value: "prod")]), Attribution(team: "t"),
                ].enumerated() {
                    let event = LedgerFixture.event("e\(round)-\(index)", replica, tokens: 10 + Int64(index), who: who)
                    #expect(await replica.report(event).word == "recorded")
                }
                for (index, scope) in scopes.enumerated() {
                    let id = "b\(round)-\(index)"
                    let stored = try fixture.put(LedgerFixture.budget(id, limit: 1_000_000, scope: scope))
                    let span = stored.budget.window(containing: SystemClock.wallTime())
                    let matching: Int64 =
                        switch index {
                        case 0, 4: 330
                        case 1, 2: 100
                        default: 110
                        }
                    #expect(try fixture.window(id).spent == matching * Int64(round + 1), "\(id) \(span)")
                }
                // Twice without sums, then with them.
                if round > 0 { while try ScopeSums.fold.run(takesSmall: true, connection).entries > 0 {} }
            }
            #expect(try fixture.count("scope_sum") > 0)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }
}
