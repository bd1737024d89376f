import Accounting
import Postgres
import Testing

@testable import Ledger

/// A server keeps ids of windows and prices in memory, and holds carry them. After a restore from a backup the rows may be
/// gone, before the server has noticed.
@Suite("A row that a restore from a backup has lost") struct LostRowTests {
    private static let tables: [(table: String, id: String, sequence: String)] = [
        ("budget_window", "window_id", "budget_window_window_id_seq"),
        ("budget", "budget_number", "budget_budget_number_seq"), ("price", "price_id", "price_price_id_seq"),
        ("agreement_rate", "price_id", "price_price_id_seq"),
        ("agreement", "agreement_id", "agreement_agreement_id_seq"),
    ]

    /// Adds a row as a server of the version before does.
    private func insert(into table: String, _ fixture: LedgerFixture, _ connection: Connection) throws {
        switch table {
        case "budget_window", "budget": _ = try fixture.put(LedgerFixture.budget("late", limit: 1))
        case "price":
            try connection.execute(
                """
                INSERT INTO price (provider, model, meter, service_tier, above_context_tokens, femtodollars_per_unit,
                    valid_from, source) VALUES ('maker', 'opus', 'images', 'standard', 0, 1, now(), 'test')
                """)
        default:
            try connection.execute(
                """
                INSERT INTO agreement (name, share_millionths, valid_from, added_by)
                VALUES ('late', 900000, now(), 'test')
                """)
            try connection.execute(
                """
                INSERT INTO agreement_rate (agreement_id, meter, service_tier, above_context_tokens,
                    femtodollars_per_unit) SELECT agreement_id, 'images', 'standard', 0, 1 FROM agreement
                """)
        }
    }

    @Test("leaves an id that no other row is given later", arguments: tables.map(\.table))
    func ids(table: String) async throws {
        let (_, id, sequence) = try #require(Self.tables.first { $0.table == table })
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let microseconds: SQL =
                "SELECT floor(extract(epoch FROM clock_timestamp() - timestamptz '2026-01-01 00:00Z') * 1000000)::bigint"
            let before: Int64 = try connection.query(microseconds)[0].decode(at: 0)
            // As a backup has it that knows no row.
            try connection.execute("SELECT setval(\(sequence), 1, false)")
            try insert(into: table, fixture, connection)
            let drawn: Int64 = try connection.query(
                "SELECT max(\(unescaped: id)) FROM \(unescaped: table)")[0].decode(at: 0)
            let after: Int64 = try connection.query(microseconds)[0].decode(at: 0)
            #expect(drawn > before && drawn <= after)
            #expect(drawn < 1 << 53)
        }
    }

    @Test("is no obstacle to many who open windows at once, each of which has an id of its own") func manyAtOnce()
        async throws
    {
        let budgets = (0..<8).map { LedgerFixture.budget("b\($0)", limit: 1_000, period: .day) }
        try await LedgerFixture.with(budgets) { fixture in
            let numbers = try fixture.connect().query("SELECT budget_number FROM budget").map {
                try $0.decode(Int64.self, at: 0)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in numbers {
                    group.addTask {
                        let connection = try fixture.connect()
                        for day in 1...40 {
                            try connection.execute(
                                """
                                INSERT INTO budget_window (budget_number, starts_at, limit_amount)
                                VALUES (\(number), timestamptz '2020-01-01' + \(Int64(day)) * interval '1 day', 1)
                                """)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try fixture.count("budget_window") == 8 * 41)
        }
    }

    /// Commits one job as a replica does that has not noticed the restore.
    private func commit(_ job: LedgerJob, of replica: Replica, _ fixture: LedgerFixture) throws -> CommittedBatch {
        var session = WriterSession(replicaID: try ReplicaRegistry.register(fixture.connect()))
        var batch = session.prepare([job], VerdictNotes(), replica.configuration)
        return try batch.commit(on: try fixture.connect(), mayBeCommitted: false)
    }

    @Test("is not charged: a window's budget and span say which one is meant now") func window() async throws {
        let budgets = ["b", "c"].map { LedgerFixture.budget($0, limit: 10_000) }
        try await LedgerFixture.with(budgets) { fixture in
            let replica = try fixture.replica()
            let budget = try #require(replica.configuration.budgets.first { $0.id == "b" })
            let entry = LedgerFixture.event("e", replica)
            let key = WindowKey(budgetNumber: budget.number, span: budget.window(containing: entry.occurredAt))
            let lost = WindowKey(budgetNumber: 7, span: key.span)
            let charges = [(Int64(5), key), (6, lost)].map { id, key in
                WindowCharge(target: .window(id), isCounted: true, spent: 100, leaseRelease: 0, key: key)
            }
            let posting = Posting(entry, isOccurredAtGiven: true)
            let committed = try commit(.record(posting, charges: charges), of: replica, fixture)
            #expect(committed.outcomes.map(\.word) == ["recorded"])
            #expect(try fixture.window("b").spent == 100)
            #expect(try fixture.window("c").spent == 0)
            // The budget of the other window is lost too, so nothing counts the call there.
            let counted: [Int64] = try fixture.connect().query("SELECT window_ids FROM ledger")[0].decode(at: 0)
            #expect(counted == [try windowID(of: "b", fixture)])
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    private func windowID(of budget: String, _ fixture: LedgerFixture) throws -> Int64 {
        try fixture.connect().query(
            "SELECT window_id FROM budget_window JOIN budget USING (budget_number) WHERE id = \(budget)")[0].decode(
                at: 0)
    }

    @Test("has rated nothing that is recorded: the call is to be sent, and rated, again") func price() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            let connection = try fixture.connect()
            try insert(into: "price", fixture, connection)
            let known = try ConfigurationStore.load(connection).configuration
            // What the backup does not have.
            try connection.executeScript(
                """
                ALTER TABLE price DISABLE TRIGGER USER;
                DELETE FROM price WHERE meter = 'images';
                ALTER TABLE price ENABLE TRIGGER USER;
                """)
            var quantities = Quantities()
            quantities.add(.images, 3)
            var entry = LedgerFixture.event("e", replica)
            entry.usage = Usage(format: .purser, quantities: quantities, raw: nil, residualTokens: 0)
            entry.rated = known.rater.rate(
                quantities, of: "t", on: entry.model, tier: .standard, region: nil, at: entry.occurredAt)
            #expect(entry.rated.cost != nil)
            let job = LedgerJob.record(Posting(entry, isOccurredAtGiven: true), charges: [])
            #expect(try commit(job, of: replica, fixture).outcomes.map(\.word) == ["unavailable"])
            #expect(try fixture.count("ledger") == 0)
            #expect(await replica.report(LedgerFixture.event("e", replica)).word == "recorded")
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }
}
