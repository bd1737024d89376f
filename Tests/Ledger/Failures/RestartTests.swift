import Accounting
import Glibc
import Postgres
import PostgresTesting
import Testing

@testable import Ledger

@Suite("PostgreSQL", .timeLimit(.minutes(1))) struct RestartTests {
    @Test("stopped, stopped at once and killed under writing loses and doubles nothing") func restart() async throws {
        try await DisposableServer.with { server in
            let fixture = try LedgerFixture.prepare(server.database, [LedgerFixture.budget(limit: 1_000_000_000)])
            let replica = try fixture.replica()
            try await SteadyWriting.with(replica, on: fixture) { writing in
                for signal in [SIGINT, SIGQUIT, SIGKILL] {
                    try await writing.awaitAcknowledged(100)
                    server.end(by: signal)
                    try server.cluster.ensureRunning()
                }
                try await writing.awaitAcknowledged(100)
            }
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("without a place for one more connection is waited for") func tooManyConnections() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1_000_000)]) { fixture in
            // A superuser has reserved connections, so the replica connects as another role.
            let role = "clerk_of_\(fixture.database.name)"
            let owner = try fixture.connect()
            try owner.executeScript("CREATE ROLE \(role) LOGIN IN ROLE purser; ALTER ROLE \(role) SET role = 'purser'")
            let replica = try fixture.replica(through: fixture.database.connectionString + " user=\(role)")
            let hold = try await replica.hold("r")
            try owner.executeScript("ALTER ROLE \(role) CONNECTION LIMIT 0")
            try owner.execute("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = \(role)")
            let refused = #expect(throws: PostgresError.self) {
                try Connection(connectionString: fixture.database.connectionString + " user=\(role)")
            }
            #expect(refused?.debugDescription.contains("too many connections") == true)
            let answer = Task { await LedgerResult.untilAnswered { await replica.settle(hold, tokens: 10) }.isInLedger }
            try await Task.sleep(for: .milliseconds(300))
            try owner.executeScript("ALTER ROLE \(role) CONNECTION LIMIT -1")
            #expect(await answer.value)
            await replica.drain()
            try fixture.expectNoProblems()
            try owner.executeScript("DROP ROLE \(role)")
        }
    }
}
