import Glibc
import Postgres
import PostgresTesting
import Testing

@Suite struct PoolTests {
    private func withPool(
        connections: Int = 2, reconnectWait: Duration = .seconds(30), limits: SessionLimits = .command,
        queueLimit: Int = 100,
        _ body: (TestDatabase, Pool) async throws -> Void
    ) async throws {
        try await TestDatabase.with { database in
            let pool = Pool(
                connectionString: database.connectionString, connectionCount: connections, name: "test",
                limits: limits, reconnectWait: reconnectWait, queueLimit: queueLimit)
            do {
                try await body(database, pool)
            } catch {
                await pool.close()
                throw error
            }
            await pool.close()
        }
    }

    private static let nowhere = "host=/nowhere dbname=x"

    @Test("many jobs share few connections, and each gets its own answer") func sharing() async throws {
        try await withPool(connections: 3) { _, pool in
            let answers = try await withThrowingTaskGroup(of: [Int].self) { group in
                for number in 0..<90 {
                    group.addTask {
                        try await pool.run { connection in
                            let row = try connection.query("SELECT \(number), \(Int(connection.backendProcessID))")[0]
                            let (number, processID) = try row.decode((Int, Int).self)
                            return [number, processID]
                        }
                    }
                }
                return try await group.reduce(into: [[Int]]()) { $0.append($1) }
            }
            #expect(Set(answers.map { $0[0] }) == Set(0..<90))
            #expect(Set(answers.map { $0[1] }).count <= 3)
        }
    }

    @Test("an error of a job comes out as it is, and the connection stays") func jobThrows() async throws {
        try await withPool(connections: 1) { _, pool in
            let before = try await pool.run { $0.backendProcessID }
            let error = await #expect(throws: PostgresError.self) { try await pool.run { _ = try $0.query("SELEC") } }
            #expect(error?.kind == .server(sqlState: "42601"))
            #expect(try await pool.run { $0.backendProcessID } == before)
        }
    }

    @Test("a job that meets lost connections waits for new ones and does not notice") func reconnect() async throws {
        try await withPool(connections: 2) { database, pool in
            let before = try await pool.run { $0.backendProcessID }
            try database.connect().execute(
                """
                SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
                WHERE datname = \(database.name) AND pid <> pg_backend_pid()
                """)
            let after = try await pool.run { connection in
                _ = try connection.query("SELECT 1")
                return connection.backendProcessID
            }
            #expect(before != after)
        }
    }

    @Test("a job that loses its connection is told so, and the next one has another") func lostInside() async throws {
        try await withPool(connections: 1) { database, pool in
            let error = await #expect(throws: PostgresError.self) {
                try await pool.run { connection in
                    try database.terminate(connection)
                    _ = try connection.query("SELECT 1")
                }
            }
            #expect(error?.kind == .connection)
            let count = try await pool.run { try $0.query("SELECT 1").count }
            #expect(count == 1)
        }
    }

    @Test("a job whose server falls silent is told so, and the next one has another connection") func silent()
        async throws
    {
        var limits = SessionLimits()
        (limits.lock, limits.answer) = (.milliseconds(100), .milliseconds(200))
        try await withPool(connections: 1, limits: limits) { _, pool in
            let error = await #expect(throws: PostgresError.self) {
                try await pool.run { _ = try $0.query("SELECT pg_sleep(50)") }
            }
            #expect(error?.kind == .connection)
            let count = try await pool.run { try $0.query("SELECT 1").count }
            #expect(count == 1)
        }
    }

    @Test("a transaction that a job leaves open is rolled back") func leftOpen() async throws {
        try await withPool(connections: 1) { _, pool in
            try await pool.run { try $0.executeScript("CREATE TABLE t (x int8)") }
            try await pool.run { try $0.executeScript("BEGIN; INSERT INTO t VALUES (1); SAVEPOINT a") }
            let count = try await pool.run { try $0.query("SELECT x FROM t").count }
            #expect(count == 0)
            #expect(try await pool.run { $0.isInTransaction } == false)
        }
    }

    @Test("without a database a job fails after its wait, with the reason") func nowhere() async throws {
        let pool = Pool(
            connectionString: Self.nowhere, connectionCount: 2, name: "test", reconnectWait: .milliseconds(200))
        for _ in 1...2 {
            let started = ContinuousClock.now
            let error = await #expect(throws: PostgresError.self) { try await pool.run { _ in } }
            #expect(error?.kind == .connection)
            #expect(error?.debugDescription.contains("/nowhere") == true)
            #expect(ContinuousClock.now - started >= .milliseconds(200))
        }
        #expect(pool.connectedCount == 0)
        await pool.close()
    }

    @Test("a closed pool has done what waited, and takes no more") func close() async throws {
        try await withPool(connections: 1) { _, pool in
            try await pool.run { _ in }
            let started = Monitor(0)
            let done = Monitor(0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await pool.run { connection in
                            started.withLock { $0 += 1 }
                            _ = try connection.query("SELECT pg_sleep(0.01)")
                        }
                        done.withLock { $0 += 1 }
                    }
                }
                while pool.waitingCount + started.withLock({ $0 }) < 20 { await Task.yield() }
                await pool.close()
                try await group.waitForAll()
            }
            #expect(done.withLock { $0 } == 20)
            let error = await #expect(throws: PostgresError.self) { try await pool.run { _ in } }
            #expect(error?.kind == .usage)
        }
    }

    @Test("closing without a database fails what waits, at once") func closeNowhere() async throws {
        let pool = Pool(connectionString: Self.nowhere, connectionCount: 1, name: "test", reconnectWait: .seconds(600))
        let job = Task { try await pool.run { _ in } }
        while pool.waitingCount == 0 { await Task.yield() }
        await pool.close()
        let error = await #expect(throws: PostgresError.self) { try await job.value }
        #expect(error?.kind == .connection)
    }

    @Test("a full queue refuses at once") func full() async throws {
        let pool = Pool(
            connectionString: Self.nowhere, connectionCount: 1, name: "test", reconnectWait: .seconds(2),
            queueLimit: 1)
        let job = Task { try await pool.run { _ in } }
        while pool.waitingCount == 0 { await Task.yield() }
        let error = await #expect(throws: PostgresError.self) { try await pool.run { _ in } }
        #expect(error?.kind == .busy)
        #expect(pool.refusedCount == 1)
        #expect(error?.description == "1 jobs wait for a database connection already")
        await pool.close()
        _ = try? await job.value
    }

    @Test("jobs run on threads of their own") func threads() async throws {
        try await withPool(connections: 1) { _, pool in
            let names = try await pool.run { _ in (try? Self.threadName()) ?? "" }
            #expect(names == "test-0")
        }
    }

    private static func threadName() throws -> String {
        let file = try #require(fopen("/proc/thread-self/comm", "r"))
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 32)
        _ = fgets(&line, 32, file)
        return String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
