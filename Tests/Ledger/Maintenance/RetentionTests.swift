import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("Retention") struct RetentionTests {
    /// Each kind of row: the column with its age, for how long it is kept, and what deletes it.
    private static let kinds:
        [(table: String, age: String, days: Int32, delete: @Sendable (Connection) throws -> Int)] = [
            ("entry_key", "recorded_at", 40, Retention.keys), ("hold_end", "ended_at", 40, Retention.holdEnds),
            ("verdict_count", "day", 430, Retention.verdictCounts),
        ]

    @Test("deletes the rows that are old enough, and no others") func rows() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000, period: .day)]) { fixture in
            let connection = try fixture.connect()
            let replica = try fixture.replica()
            for id in ["old", "young"] {
                let hold = try await replica.hold(LedgerFixture.call(id, who: Attribution(team: "t", feature: id)))
                #expect(await replica.settle(hold, tokens: 10).word == "recorded")
            }
            replica.tick()
            try await eventually { try fixture.count("verdict_count") == 2 }
            for kind in Self.kinds {
                #expect(try fixture.count(kind.table) == 2, "\(kind.table)")
                for days in [kind.days - 1, kind.days + 1] {
                    #expect(try kind.delete(connection) == 0, "\(kind.table)")
                    try connection.executeScript(
                        """
                        UPDATE \(kind.table) SET \(kind.age) = now() - interval '\(days) days'
                        WHERE ctid = (SELECT min(ctid) FROM \(kind.table))
                        """)
                }
                #expect(try kind.delete(connection) == 1, "\(kind.table)")
                #expect(try kind.delete(connection) == 0, "\(kind.table)")
                let young: SQL = "\(unescaped: kind.age) > now() - make_interval(days => \(kind.days))"
                #expect(try fixture.count(kind.table, where: young) == 1, "\(kind.table)")
            }
            await replica.drain()
        }
    }

    @Test(
        "forgets windows that were over long ago with their alerts and leases, and the empty leases of all that are over"
    )
    func windows() async throws {
        let draft = LedgerFixture.budget(limit: 1_000, period: .day, alertAt: [50])
        try await LedgerFixture.with([draft]) { fixture in
            let connection = try fixture.connect()
            let replica = try fixture.replica()
            let hold = try await replica.hold("r", tokens: 60)
            #expect(await replica.settle(hold, tokens: 60).word == "recorded")
            await replica.drain()
            #expect(try fixture.count("alert") == 1 && fixture.count("lease") == 1)
            let endedWindows = EndedWindowLeases()
            #expect(try endedWindows.delete(connection).rows == 0)
            try connection.execute(
                "UPDATE budget_window SET starts_at = now() - interval '4 days', ends_at = now() - interval '2 days'")
            #expect(try Retention.windows(connection) == 0)
            #expect(try endedWindows.delete(connection).rows == 1)
            #expect(try endedWindows.delete(connection).rows == 0)
            try connection.execute(
                """
                UPDATE budget_window SET starts_at = now() - interval '432 days', ends_at = now() - interval '431 days'
                """)
            #expect(try Retention.windows(connection) == 1)
            #expect(try fixture.count("budget_window") == 0 && fixture.count("alert") == 0)
            try fixture.expectNoProblems()
        }
    }

    @Test("removes the empty leases of a replica that lives once their windows are over, and none that has money")
    func livingReplica() async throws {
        let drafts = ["empty", "full"].map {
            LedgerFixture.budget($0, limit: 10_000, scope: Scope(team: "t", feature: $0), period: .day)
        }
        try await LedgerFixture.with(drafts) { fixture in
            let connection = try fixture.connect()
            let replica = try fixture.replica()
            for feature in ["empty", "full"] {
                let who = Attribution(team: "t", feature: feature)
                _ = try await replica.hold(LedgerFixture.call(feature, who: who))
            }
            try connection.execute(
                """
                UPDATE lease SET amount = 0 WHERE window_id = (
                    SELECT window_id FROM budget_window JOIN budget USING (budget_number) WHERE id = 'empty')
                """)
            // The replica's own maintenance may do it first.
            let endedWindows = EndedWindowLeases()
            _ = try endedWindows.delete(connection)
            #expect(try fixture.count("lease") == 2)
            try connection.execute(
                "UPDATE budget_window SET starts_at = now() - interval '4 days', ends_at = now() - interval '2 days'")
            _ = try endedWindows.delete(connection)
            #expect(try fixture.count("lease") == 1 && fixture.count("lease", where: "amount > 0") == 1)
            #expect(try fixture.count("replica", where: "state = 'live'") == 1)
        }
    }

    @Test("forgets which request made a token after a day, and keeps the token") func tokenRequests() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            for key in ["old", "young"] {
                let request = TokenRequest(key: key, callerToken: "secret")
                _ = try TokenStore.create(role: .router, team: nil, for: request, connection)
            }
            try connection.execute("UPDATE token_request SET made_at = now() - interval '23 hours'")
            #expect(try Retention.tokenRequests(connection) == 0)
            try connection.execute("UPDATE token_request SET made_at = now() - interval '25 hours' WHERE key = 'old'")
            #expect(try Retention.tokenRequests(connection) == 1)
            #expect(try fixture.count("token_request", where: "key = 'young'") == 1)
            #expect(try fixture.count("token") == 2)
        }
    }

    @Test("empties the months of raw usage that are older than they are kept") func rawUsage() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            try connection.execute("SELECT ensure_month('2020-01-01')")
            try connection.execute("INSERT INTO raw_usage VALUES (1, '2020-01-01', '{}')")
            try connection.execute("INSERT INTO raw_usage SELECT 2, date_trunc('month', now())::date, '{}'")
            #expect(try Retention.rawUsage(days: 36_500, connection) == false)
            #expect(try Retention.rawUsage(days: 400, connection))
            #expect(try Retention.rawUsage(days: 400, connection) == false)
            #expect(try fixture.count("raw_usage") == 1)
        }
    }
}
