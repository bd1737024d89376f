import Accounting
import Postgres
import PostgresTesting
import Testing

@testable import Ledger

@Suite("Maintenance") struct MaintenanceTests {
    @Test("is done by one replica, and by another once that one has ended") func leader() async throws {
        try await LedgerFixture.with { fixture in
            let first = try fixture.replica()
            try await eventually { first.maintenance.isLeader }
            let second = try fixture.replica()
            try await Task.sleep(for: .milliseconds(200))
            #expect(first.maintenance.isLeader && !second.maintenance.isLeader)
            await first.drain()
            try await eventually { second.maintenance.isLeader }
            await second.drain()
        }
    }

    @Test("goes on with other tasks where one fails") func failing() async throws {
        try await LedgerFixture.with { fixture in
            let broken = MaintenanceTask("broken", every: .milliseconds(10)) { connection in
                try connection.execute("SELECT 1 / 0")
                return MaintenanceTask.Portion(rows: 0)
            }
            let sound = MaintenanceTask("sound", every: .milliseconds(10)) { connection in
                try connection.execute("SELECT 1")
                return MaintenanceTask.Portion(rows: 1)
            }
            let maintenance = Maintenance(
                connectionString: fixture.database.connectionString, tasks: [broken, sound], log: LedgerFixture.silent)
            let thread = maintenance.start()
            try await eventually { broken.statistics.failures > 3 && sound.statistics.rows > 3 }
            #expect(sound.statistics.failures == 0)
            maintenance.close()
            await thread.ended()
        }
    }

    @Test(
        "rests four times as long as it worked while there is more, and as long once that is late",
        arguments: [
            (MaintenanceTask.Portion(rows: 1), Duration.seconds(10)), (nil, .seconds(10)),
            (.init(rows: 1, hasMore: true), .seconds(4)), (.init(rows: 1, hasMore: true, isLate: true), .seconds(1)),
            (.init(rows: 1, isLate: true), .seconds(10)),
        ] as [(MaintenanceTask.Portion?, Duration)])
    func rest(portion: MaintenanceTask.Portion?, rest: Duration) {
        #expect(Maintenance.rest(after: portion, thatTook: .seconds(1), unlessMore: .seconds(10)) == rest)
    }

    @Test("is late with sums of batches that wait for more than five minutes", arguments: [(10, false), (400, true)])
    func lateSums(ageSeconds: Int64, isLate: Bool) async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let replica = try ReplicaRegistry.register(connection)
            try connection.writeBatch(of: replica, number: 1, firstEntry: 1, teams: ["t", "t"])
            try connection.executeScript("ALTER TABLE batch DISABLE TRIGGER USER")
            try connection.execute("UPDATE batch SET committed_at = now() - make_interval(secs => \(ageSeconds))")
            let portion = try ScopeSums.fold.run(takesSmall: true, connection)
            #expect(portion.entries == 2 && !portion.hasMore && portion.isLate == isLate)
            #expect(try ScopeSums.fold.run(takesSmall: true, connection).entries == 0)
        }
    }

    @Test("sums the batches that have waited longest first, whichever replica wrote them")
    func oldestSums() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            try connection.executeScript("ALTER TABLE batch DISABLE TRIGGER USER")
            let replicas = try (0..<2).map { _ in try ReplicaRegistry.register(connection) }
            // The first replica writes all the time.
            for (replica, number, age) in [(1, 1, 30), (0, 1, 20), (0, 2, 10)] as [(Int, Int64, Int64)] {
                try connection.writeBatch(of: replicas[replica], number: number, firstEntry: number, teams: ["t"])
                try connection.execute(
                    """
                    UPDATE batch SET committed_at = now() - make_interval(secs => \(age))
                    WHERE replica_id = \(replicas[replica]) AND number = \(number)
                    """)
            }
            var order: [Int64] = []
            for _ in 0..<2 {
                let before = try fences(connection)
                #expect(try ScopeSums.fold.run(takesSmall: true, connection).entries > 0)
                order += try fences(connection).filter { !before.contains($0) }
            }
            #expect(order == replicas.reversed())
        }
    }

    @Test("sums each entry once, however many replicas have come after the one that wrote it") func summedOnce()
        async throws
    {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            for entries in 1...3 {
                let replica = try ReplicaRegistry.register(connection)
                try connection.writeBatch(
                    of: replica, number: 1, firstEntry: 1, teams: Array(repeating: "t", count: entries))
                while try ScopeSums.fold.run(takesSmall: true, connection).entries > 0 {}
            }
            let calls: Int64 = try connection.query("SELECT sum(calls)::bigint FROM scope_sum WHERE is_fine")[0].decode(
                at: 0)
            #expect(calls == 6)
        }
    }

    private func fences(_ connection: Connection) throws -> [Int64] {
        try connection.query("SELECT replica_id FROM scope_sum_fence WHERE batch_number > 0 ORDER BY replica_id").map {
            try $0.decode(at: 0)
        }
    }

    @Test("takes back the leases in windows that are free, whatever keeps another window locked")
    func lockedWindow() async throws {
        let budgets = ["a", "b"].map { LedgerFixture.budget($0, limit: 10_000, scope: Scope(team: "t", feature: $0)) }
        try await LedgerFixture.with(budgets) { fixture in
            let connection = try fixture.connect()
            let replica = try fixture.replica()
            for feature in ["a", "b"] {
                let who = Attribution(team: "t", feature: feature)
                _ = try await replica.hold(LedgerFixture.call(feature, who: who, holdSeconds: 1))
            }
            await replica.drain()
            // The holds that were handed over are what the leases keep.
            try connection.execute("UPDATE replica SET heartbeat_at = now() - interval '1 hour'")
            let blocker = try fixture.connect()
            try blocker.executeScript(
                "BEGIN; SELECT 1 FROM budget_window WHERE window_id = (SELECT min(window_id) FROM budget_window) FOR UPDATE"
            )
            try connection.executeScript("SET lock_timeout = '100ms'")
            #expect(try Reclaim.reclaim(connection) == 1)
            #expect(try fixture.window("a").leased == 100 && fixture.window("b").leased == 0)
            try blocker.executeScript("ROLLBACK")
            #expect(try Reclaim.reclaim(connection) == 1)
            #expect(try fixture.window("a").leased == 0)
            #expect(try fixture.count("unsettled", where: "kind = 'lease'") == 2)
        }
    }

    @Test("makes a month while a reader has the ledger and a writer goes on") func months() async throws {
        try await LedgerFixture.with { fixture in
            let (reader, writer, connection) = (try fixture.connect(), try fixture.connect(), try fixture.connect())
            try reader.executeScript("BEGIN; SELECT count(*) FROM ledger")
            try writer.executeScript("BEGIN; LOCK TABLE ledger, raw_usage, entry_agreement IN ROW EXCLUSIVE MODE")
            try connection.executeScript("SET lock_timeout = '200ms'")
            try connection.execute("SELECT ensure_month('2031-01-01')")
            #expect(try fixture.count("pg_class", where: "relname = 'ledger_2031_01'") == 1)
            let triggers = try connection.query(
                """
                SELECT tgname::text FROM pg_trigger
                WHERE tgrelid = 'ledger_2031_01'::regclass AND NOT tgisinternal ORDER BY 1
                """
            ).map { try $0.decode(String.self, at: 0) }
            #expect(triggers == ["append_only", "closed_month_insert", "closed_month_truncate"])
            try reader.executeScript("COMMIT")
            try writer.executeScript("COMMIT")
        }
    }
}
