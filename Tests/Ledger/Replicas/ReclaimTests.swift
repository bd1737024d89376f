import Postgres
import PostgresTesting
import Testing

@testable import Accounting
@testable import Ledger

@Suite("A replica that is gone") struct ReclaimTests {
    private func state(_ replica: Replica, _ fixture: LedgerFixture) throws -> String {
        try fixture.connect().query("SELECT state FROM replica WHERE replica_id = \(replica.id)")[0].decode(at: 0)
    }

    @Test("is taken for dead after its lease time, and its leases return after the longest hold, with a record")
    func reclaim() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let connection = try fixture.connect()
            // Only a registration and its leases, as a crash leaves them. No server sends heartbeats for it any more.
            let dead = try ReplicaRegistry.register(connection)
            let link = DatabaseLink(connectionString: fixture.database.connectionString, name: "reclaim")
            let window: Int64 = try connection.query("SELECT window_id FROM budget_window")[0].decode(at: 0)
            let ask = LeaseAsk(alternatives: [[LeaseAsk.Need(windowID: window, amount: 9500, holdSeconds: 60)]])
            func round(_ number: Int64) -> GrantBatch.Outcome {
                let round = GrantBatch(
                    number: number, replicaID: dead, asks: [ask], snapshot: AdmissionEngine.LeaseSnapshot())
                return LeaseStore.send(round, on: link) { _ in }
            }
            guard case .committed = round(1) else {
                Issue.record("no lease was granted")
                return
            }
            #expect(try fixture.window().leased == 9500)
            let survivor = try fixture.replica()
            let denied = try await survivor.verdict(LedgerFixture.call("r", tokens: 60))
            #expect(denied.reason?.code == .fundsHeld)
            @Sendable func leased() throws -> Int64 {
                try fixture.connect().query("SELECT amount FROM lease WHERE replica_id = \(dead)")[0].decode(at: 0)
            }
            func age(_ seconds: Int64) throws {
                try connection.execute(
                    """
                    UPDATE replica SET heartbeat_at = clock_timestamp() - make_interval(secs => \(seconds))
                    WHERE replica_id = \(dead)
                    """)
            }
            try age(11)
            try Reclaim.declareGone(connection)
            #expect(try Reclaim.reclaim(connection) == 0)
            #expect(try fixture.count("replica", where: "state = 'gone'") == 0)
            try age(71)
            try Reclaim.declareGone(connection)
            #expect(try Reclaim.reclaim(connection) == 0)
            #expect(try fixture.count("replica", where: "state = 'gone'") == 1)
            #expect(try leased() == 9500)
            try age(73)
            try await eventually {
                _ = try Reclaim.reclaim(fixture.connect())
                return try leased() == 0
            }
            let record = try connection.query("SELECT kind, replica_id, window_id, amount FROM unsettled")
            #expect(record.count == 1)
            #expect(try record[0].decode((String, Int64, Int64, Int64).self) == ("lease", dead, window, Int64(9500)))
            #expect(try await survivor.verdict(LedgerFixture.call("r", tokens: 60)).kind == .admit)
            guard case .gone = round(2) else {
                Issue.record("a replica that is gone was granted a lease")
                return
            }
            await survivor.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("though it lives registers anew, hands over what it held and goes on")
    func registersAnew() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let replica = try fixture.replica()
            let hold = try await replica.hold("r", tokens: 50)
            let first = replica.id
            try fixture.connect().execute("UPDATE replica SET state = 'gone'")
            try await eventually { replica.id != first && !replica.status.isFenced }
            try await eventually { try fixture.count("handed_over") == 1 }
            // Only held money stays leased. Idle money is available to all replicas again.
            try await eventually { try fixture.window().leased == 500 }
            #expect(replica.status.openHolds == 0)
            #expect(try await replica.verdict(LedgerFixture.call("s", tokens: 950)).kind == .admit)
            #expect(await replica.settle(hold, tokens: 20).word == "recorded")
            #expect(try fixture.window().spent == 200)
            await replica.drain()
            #expect(try fixture.window().leased == 9500)
            #expect(try fixture.count("unsettled") == 0)
            try fixture.expectNoProblems()
        }
    }

    @Test("loses nothing where its leases were taken back already: what it held settles unreserved")
    func reclaimedMeanwhile() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let replica = try fixture.replica()
            let hold = try await replica.hold("r", tokens: 50)
            // The replica's next heartbeat may come between the two statements, or the replica may take the leases back
            // itself.
            try await eventually {
                let connection = try fixture.connect()
                try connection.execute("UPDATE replica SET state = 'gone' WHERE state = 'live'")
                // As if its last hold had expired long ago. Heartbeats that are taken back would look like a restore.
                try connection.execute("UPDATE lease SET longest_hold_seconds = -1000000")
                _ = try Reclaim.reclaim(connection)
                return try fixture.window().leased == 0
            }
            #expect(await replica.settle(hold, tokens: 50).word == "recorded")
            #expect(try fixture.window().spent == 500)
            #expect(try fixture.window().leased == 0)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("because it drained leaves its open holds for any replica to end")
    func drained() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let replica = try fixture.replica()
            let hold = try await replica.hold("r", tokens: 50)
            await replica.drain()
            #expect(try state(replica, fixture) == "drained")
            #expect(try fixture.window().leased == 500)
            let other = try fixture.replica()
            #expect(await other.settle(hold, tokens: 20).word == "recorded")
            #expect(try fixture.window().leased == 0)
            #expect(try fixture.window().spent == 200)
            try await eventually { try fixture.count("handed_over") == 0 }
            await other.drain()
            #expect(try fixture.count("unsettled") == 0)
            try fixture.expectNoProblems()
        }
    }

    @Test("because it drained hands over all its open holds, however many") func many() async throws {
        let count = 5_001
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000_000)]) { fixture in
            let replica = try fixture.replica()
            for number in 0..<count { _ = try await replica.hold("r\(number)") }
            await replica.drain()
            #expect(try fixture.count("handed_over") == Int64(count))
            #expect(try fixture.window().leased == Int64(count) * 100)
            try fixture.expectNoProblems()
        }
    }

    @Test("because it drained has its open holds expired by others, each with a record")
    func handedOver() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let replica = try fixture.replica()
            _ = try await replica.hold(LedgerFixture.call("r", tokens: 50, holdSeconds: 1))
            _ = try await replica.hold(LedgerFixture.call("s", tokens: 30))
            await replica.drain()
            #expect(try fixture.window().leased == 800)
            let other = try fixture.replica()
            try await eventually { try fixture.window().leased == 300 }
            let record = try fixture.connect().query("SELECT kind, request_id, amount FROM unsettled")
            #expect(record.count == 1)
            #expect(try record[0].decode((String, String, Int64).self) == ("hold", "r", Int64(500)))
            await other.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("makes nobody wait for its configuration; a live one does")
    func configuration() async throws {
        try await LedgerFixture.with { fixture in
            let replicas = [try fixture.replica(), try fixture.replica()]
            let stored = try fixture.put(LedgerFixture.budget(limit: 1000))
            #expect(await replicas[0].awaitConfiguration(stored.configurationVersion))
            for replica in replicas { #expect(replica.configuration.budgets.count == 1) }
            let silent = try ReplicaRegistry.register(fixture.connect())
            let next = stored.configurationVersion + 1
            _ = try TeamStore.create("u", fixture.connect())
            #expect(try ConfigurationStore.leastVersion(fixture.connect()) < next)
            try fixture.connect().execute(
                "UPDATE replica SET heartbeat_at = clock_timestamp() - interval '11 seconds' WHERE replica_id = \(silent)"
            )
            #expect(await replicas[0].awaitConfiguration(next))
            for replica in replicas { await replica.drain() }
        }
    }

    /// The database went back by less than the lease time, and does not know the last heartbeats that it acknowledged.
    @Test("is not known to be so by a restored database until the lease time has passed since it started")
    func restarted() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let silent = try ReplicaRegistry.register(connection)
            try connection.execute(
                "UPDATE replica SET heartbeat_at = clock_timestamp() - interval '1 minute' WHERE replica_id = \(silent)"
            )
            for (moment, isLive) in [("now", true), ("-infinity", false)] {
                try LedgerFixture.heartbeatsAreKnown(since: moment, connection)
                #expect(try (ConfigurationStore.leastVersion(connection) == 0) == isLive)
                try Reclaim.declareGone(connection)
                #expect(try fixture.count("replica", where: "state = 'gone'") == (isLive ? 0 : 1))
            }
        }
    }

    @Test("is not known to be so by a promoted database until the lease time has passed on its new timeline")
    func promoted() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let (silent, first) = (try ReplicaRegistry.register(connection), try ReplicaRegistry.register(connection))
            try connection.execute(
                """
                UPDATE replica SET heartbeat_at = clock_timestamp() - interval '1 minute', timeline = timeline - 1
                WHERE replica_id = \(silent)
                """)
            try connection.execute("UPDATE replica SET configuration_version = 5 WHERE replica_id = \(first)")
            for (startedAgo, isLive) in [("0 seconds", true), ("13 seconds", false)] {
                try connection.execute(
                    "UPDATE replica SET started_at = clock_timestamp() - \(startedAgo)::interval WHERE replica_id = \(first)"
                )
                #expect(try ConfigurationStore.leastVersion(connection) == (isLive ? 0 : 5))
                try Reclaim.declareGone(connection)
                #expect(try fixture.count("replica", where: "state = 'gone'") == (isLive ? 0 : 1))
            }
        }
    }

    @Test("from the database for a moment keeps no call waiting longer than its patience")
    func lockedOut() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let replica = try fixture.replica()
            _ = try await replica.hold("r")
            let blocker = try fixture.connect()
            try blocker.executeScript("BEGIN")
            try blocker.executeScript("SELECT 1 FROM budget_window FOR UPDATE")
            let clock = ContinuousClock()
            var outcome: AuthorizeOutcome?
            let waited = await clock.measure { outcome = await replica.authorize(LedgerFixture.call("s", tokens: 900)) }
            #expect(outcome == nil)
            #expect(waited < .seconds(2))
            #expect(replica.status.openHolds == 1)
            try blocker.executeScript("ROLLBACK")
            #expect(try await replica.verdict(LedgerFixture.call("s", tokens: 900)).kind == .admit)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }
}
