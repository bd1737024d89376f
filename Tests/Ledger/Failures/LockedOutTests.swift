import Accounting
import Postgres
import PostgresTesting
import Testing

@testable import Ledger

@Suite("A lock that somebody else holds", .timeLimit(.minutes(1))) struct LockedOutTests {
    private func withHolds(
        _ body: (Replica, [Hold], _ other: Connection) async throws -> Void
    ) async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1_000_000)]) { fixture in
            let other = try fixture.connect()
            // Limits that an operator may set for all sessions of a database.
            for setting in [
                "statement_timeout = '50ms'", "lock_timeout = '10ms'", "idle_session_timeout = '50ms'",
                "idle_in_transaction_session_timeout = '10ms'",
            ] { try other.executeScript("ALTER DATABASE \(fixture.database.name) SET \(setting)") }
            let replica = try fixture.replica()
            var holds: [Hold] = []
            for index in 0..<3 { holds.append(try await replica.hold("r\(index)")) }
            try other.executeScript("BEGIN; LOCK TABLE ledger")
            try await body(replica, holds, other)
            await replica.drain()
            try other.executeScript("ALTER DATABASE \(fixture.database.name) RESET ALL")
            #expect(try fixture.window() == (limit: 1_000_000, spent: 300, leased: 0))
            try fixture.expectNoProblems()
        }
    }

    private func settle(_ holds: [Hold], _ replica: Replica) async -> [String] {
        await withTaskGroup(of: String.self) { group in
            for hold in holds { group.addTask { await replica.settle(hold, tokens: 10).word } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// Waits until sessions wait for the table, and evaluates `body` for each of them.
    private func whenWaiting(_ other: Connection, _ body: SQL = "pid") async throws {
        let sessions: SQL = """
            SELECT \(sql: body) FROM pg_locks WHERE NOT granted AND relation = 'ledger'::regclass
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """
        while try other.query(sessions).isEmpty { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test("for longer than an operator lets statements run only delays settlements") func delayed() async throws {
        try await withHolds { replica, holds, other in
            async let words = settle(holds, replica)
            try await whenWaiting(other)
            try await Task.sleep(for: .milliseconds(200))
            try other.executeScript("COMMIT")
            #expect(await words == Array(repeating: "recorded", count: 3))
        }
    }

    @Test("for longer than a settlement waits refuses none: it may be sent again") func unavailable() async throws {
        try await withHolds { replica, holds, other in
            #expect(await settle([holds[0]], replica) == ["unavailable"])
            #expect(replica.status.openHolds == 3)
            try other.executeScript("COMMIT")
            #expect(try other.query("SELECT FROM ledger").isEmpty)
            #expect(await settle(holds, replica) == Array(repeating: "recorded", count: 3))
            #expect(replica.status.openHolds == 0)
        }
    }

    @Test("and a statement that an operator cancels because of it is sent again") func cancelled() async throws {
        try await withHolds { replica, holds, other in
            async let words = settle(holds, replica)
            for _ in 0..<3 { try await whenWaiting(other, "pg_cancel_backend(pid)") }
            try other.executeScript("COMMIT")
            #expect(await words == Array(repeating: "recorded", count: 3))
        }
    }
}
