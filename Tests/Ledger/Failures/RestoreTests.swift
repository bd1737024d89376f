import Postgres
import PostgresTesting
import Testing

@testable import Accounting
@testable import Ledger

@Suite("A database that goes back to a backup") struct RestoreTests {
    /// Runs `body` with a way to take a backup and a way to go back to it, while servers run.
    private func withBackups(
        of fixture: LedgerFixture,
        _ body: (_ backUp: () async throws -> Void, _ goBack: () async throws -> Void)
            async throws -> Void
    ) async throws {
        let name = fixture.database.name
        func alone(_ script: String) async throws {
            try await TestCluster.administrate { connection in
                try connection.executeScript("ALTER DATABASE \(name) ALLOW_CONNECTIONS false")
                try connection.execute(
                    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = \(name)")
                try connection.executeScript(script)
                try connection.executeScript("ALTER DATABASE \(name) ALLOW_CONNECTIONS true")
            }
        }
        try await body {
            try await alone("CREATE DATABASE \(name)_backup TEMPLATE \(name)")
        } _: {
            try await alone(
                "ALTER DATABASE \(name) RENAME TO \(name)_lost; ALTER DATABASE \(name)_backup RENAME TO \(name)")
        }
        try await TestCluster.administrate { try $0.executeScript("DROP DATABASE \(name)_lost WITH (FORCE)") }
    }

    private func settle(_ hold: Hold, tokens: Int64, on replica: Replica) async -> String {
        await LedgerResult.untilAnswered { await replica.settle(hold, tokens: tokens) }.word
    }

    @Test("is noticed by a server that ran on, which spends nothing more of its leases, and takes what is sent again")
    func runningOn() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            try await withBackups(of: fixture) { backUp, goBack in
                let replica = try fixture.replica()
                let before = try await replica.hold("before", tokens: 50)
                #expect(
                    await settle(try await replica.hold("settled", tokens: 10), tokens: 10, on: replica) == "recorded")
                try await backUp()
                let copied: Timestamp = try fixture.connect().query("SELECT clock_timestamp()")[0].decode(at: 0)
                let lost = try await replica.hold("lost", tokens: 100)
                #expect(await settle(lost, tokens: 100, on: replica) == "recorded")
                #expect(await settle(before, tokens: 50, on: replica) == "recorded")
                try await eventually {
                    try fixture.count("replica", where: "heartbeat_at > \(copied) + interval '1 s'") == 1
                }
                let former = replica.id
                try await goBack()
                #expect(try fixture.window().spent == 100)
                #expect(await settle(lost, tokens: 100, on: replica) == "recorded")
                #expect(await settle(before, tokens: 50, on: replica) == "recorded")
                #expect(await settle(lost, tokens: 100, on: replica) == "duplicate")
                try await eventually { replica.id > former }
                #expect(
                    await settle(try await replica.hold("after", tokens: 10), tokens: 10, on: replica) == "recorded")
                #expect(try fixture.window().spent == 1700)
                await replica.drain()
                #expect(try fixture.window().leased == 0)
                try fixture.expectNoProblems()
            }
        }
    }

    @Test("may get the end of a lost hold whose number another hold has now, which keeps its money")
    func sameNumber() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let replica = try fixture.replica()
            let live = try await replica.hold("live", tokens: 50)
            let lost = Hold(
                id: live.id, requestID: "lost", who: live.who, requestedModel: live.requestedModel, model: live.model,
                tier: live.tier, estimate: Money(nanodollars: 900),
                authorizedAt: live.authorizedAt.adding(seconds: -90),
                expiresAt: live.expiresAt, charges: live.charges)
            let leased = try fixture.window().leased
            #expect(await replica.void(lost).word == "already expired")
            #expect(await replica.settle(lost, tokens: 90).word == "recorded")
            #expect(try fixture.window().spent == 900)
            #expect(try fixture.window().leased == leased)
            #expect(try fixture.count("hold_end") == 0)
            #expect(replica.status.openHolds == 1)
            #expect(await replica.settle(lost, tokens: 90).word == "duplicate")
            #expect(await replica.settle(live, tokens: 50).word == "recorded")
            #expect(try fixture.window().spent == 1400)
            #expect(try fixture.count("hold_end") == 1)
            await replica.drain()
            #expect(try fixture.window().leased == 0)
            try fixture.expectNoProblems()
        }
    }

    @Test("gives no replica an id that it may have given before")
    func replicaIDs() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let minutes = { () throws -> Int64 in
                try connection.query(
                    "SELECT floor(extract(epoch FROM now() - timestamptz '2026-01-01 00:00Z') / 60)::bigint"
                )[0].decode(at: 0)
            }
            // As a server of the version before does it.
            func insert() throws -> Int64 {
                try connection.query(
                    "INSERT INTO replica (lease_seconds, timeline) VALUES (10, 1) RETURNING replica_id"
                )[0].decode(at: 0)
            }
            #expect(try insert() == 1)
            let first = try minutes()
            let id = try ReplicaRegistry.register(connection)
            #expect(id >= first && id < EntryID.maximumReplica)
            #expect(try insert() == id + 1)
            #expect(try ReplicaRegistry.register(connection) == id + 2)
            // A server that ran on has had a later id.
            #expect(try ReplicaRegistry.register(above: id + 10, connection) == id + 11)
            // The end of a hold of a lost replica came back.
            try connection.execute(
                "INSERT INTO hold_end (replica_id, hold_number, how, ended_by) VALUES (\(id + 20), 1, 'settled', \(id))"
            )
            #expect(try ReplicaRegistry.register(connection) == id + 21)
            #expect(try insert() == id + 22)
        }
    }

    @Test("gives each of many servers that start at once an id of its own, also beside those of the version before")
    func manyAtOnce() async throws {
        try await LedgerFixture.with { fixture in
            let ids = try await withThrowingTaskGroup(of: [Int64].self) { group in
                for server in 0..<8 {
                    group.addTask {
                        let connection = try fixture.connect()
                        return try (0..<20).map { _ in
                            if server % 2 == 0 { return try ReplicaRegistry.register(connection) }
                            return try connection.query(
                                "INSERT INTO replica (lease_seconds, timeline) VALUES (10, 1) RETURNING replica_id"
                            )[0].decode(at: 0)
                        }
                    }
                }
                return try await group.reduce(into: [Int64]()) { $0 += $1 }
            }
            #expect(Set(ids).count == 160)
        }
    }
}
