import PostgresTesting
import Testing

@testable import Postgres

/// What becomes of the jobs of a pool whose callers wait for too long, or go away.
@Suite("A pool that is busy", .timeLimit(.minutes(1))) struct PoolCallerTests {
    /// A pool whose only connection is taken by a job that waits for a lock, until `release`.
    private struct Busy {
        let pool: Pool
        let holder: Connection
        let observer: Connection
        let first: Task<Void, any Error>

        /// How many statements of the pool run on the server.
        func runningCount() throws -> Int {
            try observer.query(
                """
                SELECT 1 FROM pg_stat_activity
                WHERE datname = current_database() AND state = 'active' AND application_name = 'purser test'
                """
            ).count
        }

        func isTrue(_ condition: () throws -> Bool) async throws {
            while try !condition() { try await Task.sleep(for: .milliseconds(10)) }
        }

        func release() throws { try holder.executeScript("COMMIT") }
    }

    private func withBusyPool(
        busyWait: Duration? = nil, endsWithCaller: Bool, _ body: (Busy) async throws -> Void
    ) async throws {
        try await TestDatabase.with { database in
            let holder = try database.connect()
            try holder.executeScript("CREATE TABLE t (x int8)")
            try holder.executeScript("BEGIN; LOCK TABLE t")
            let pool = Pool(
                connectionString: database.connectionString, connectionCount: 1, name: "test", busyWait: busyWait,
                endsWithCaller: endsWithCaller)
            let first = Task { try await pool.run { _ = try $0.query("SELECT x FROM t") } }
            let busy = Busy(pool: pool, holder: holder, observer: try database.connect(), first: first)
            try await busy.isTrue { try busy.runningCount() == 1 }
            do { try await body(busy) } catch { Issue.record(error) }
            try? busy.release()
            _ = await first.result
            await pool.close()
        }
    }

    @Test("makes who waits too long go on without an answer, and says why") func waitsTooLong() async throws {
        try await withBusyPool(busyWait: .milliseconds(100), endsWithCaller: false) { busy in
            let error = await #expect(throws: PostgresError.self) { try await busy.pool.run { _ in } }
            #expect(error?.kind == .busy)
            #expect(error?.description == "all 1 database connections for test were in use for 0.1 seconds")
            #expect((busy.pool.refusedCount, busy.pool.waitingCount) == (1, 0))
            try busy.release()
            try await busy.first.value
            let count = try await busy.pool.run { try $0.query("SELECT 1").count }
            #expect(count == 1)
        }
    }

    @Test("stops on the server what its caller no longer waits for, and keeps the connection") func runs() async throws
    {
        try await withBusyPool(endsWithCaller: true) { busy in
            busy.first.cancel()
            await #expect(throws: CancellationError.self) { try await busy.first.value }
            #expect(try busy.runningCount() == 0)
            #expect((busy.pool.cancelledCount, busy.pool.connectedCount) == (1, 1))
            for _ in 1...20 { _ = try await busy.pool.run { try $0.query("SELECT pg_sleep(0.001)") } }
        }
    }

    @Test("drops what waits for a connection and for which nobody waits") func waits() async throws {
        try await withBusyPool(endsWithCaller: true) { busy in
            let second = Task { [pool = busy.pool] in try await pool.run { _ in _ = Issue.record("it ran") } }
            try await busy.isTrue { busy.pool.waitingCount == 1 }
            second.cancel()
            await #expect(throws: CancellationError.self) { try await second.value }
            #expect((busy.pool.cancelledCount, busy.pool.waitingCount) == (1, 0))
            let third = Task { [pool = busy.pool] in
                withUnsafeCurrentTask { $0?.cancel() }
                return try await pool.run { _ in _ = Issue.record("it ran") }
            }
            await #expect(throws: CancellationError.self) { try await third.value }
        }
    }

    @Test("does what it was given to its end, where that writes") func writes() async throws {
        try await withBusyPool(endsWithCaller: false) { busy in
            let second = Task { [pool = busy.pool] in try await pool.run { try $0.query("SELECT 1").count } }
            try await busy.isTrue { busy.pool.waitingCount == 1 }
            busy.first.cancel()
            second.cancel()
            try busy.release()
            try await busy.first.value
            #expect(try await second.value == 1)
            #expect(busy.pool.cancelledCount == 0)
        }
    }
}
