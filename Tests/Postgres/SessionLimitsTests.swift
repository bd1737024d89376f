import PostgresTesting
import Testing

@testable import Postgres

@Suite("A session with limits of its own", .timeLimit(.minutes(1))) struct SessionLimitsTests {
    @Test("has those whatever the database sets for all", arguments: [false, true])
    func settings(isCommand: Bool) async throws {
        try await TestDatabase.with { database in
            for setting in [
                "statement_timeout = '50ms'", "lock_timeout = '1h'", "idle_session_timeout = '50ms'",
                "idle_in_transaction_session_timeout = '0'", "client_connection_check_interval = '0'",
            ] { try database.connect().executeScript("ALTER DATABASE \(database.name) SET \(setting)") }
            let limits = isCommand ? SessionLimits.command : SessionLimits()
            let connection = try Connection(connectionString: database.connectionString, limits: limits, name: "test")
            _ = try connection.query("SELECT pg_sleep(0.2)")
            #expect(
                try Self.shown(connection) == [
                    "statement_timeout": "0", "lock_timeout": isCommand ? "0" : "2s", "idle_session_timeout": "0",
                    "idle_in_transaction_session_timeout": isCommand ? "10min" : "2s",
                    "client_connection_check_interval": "1s", "application_name": "purser test",
                ])
            #expect(connection.answerTimeout == (isCommand ? nil : .seconds(5)))
        }
    }

    private static func shown(_ connection: Connection) throws -> [String: String] {
        let rows = try connection.query(
            """
            SELECT name, current_setting(name) FROM pg_settings WHERE name IN ('statement_timeout', 'lock_timeout',
                'idle_session_timeout', 'idle_in_transaction_session_timeout', 'client_connection_check_interval',
                'application_name')
            """)
        return Dictionary(uniqueKeysWithValues: try rows.map { try $0.decode((String, String).self) })
    }

    @Test("ends a statement that takes longer, and can go on") func statement() async throws {
        try await TestDatabase.with { database in
            var limits = SessionLimits()
            limits.statement = .milliseconds(100)
            let connection = try Connection(connectionString: database.connectionString, limits: limits)
            let error = #expect(throws: PostgresError.self) { try connection.query(Self.sleep) }
            #expect(error?.kind == .server(sqlState: SQLState.queryCanceled))
            #expect(try connection.query("SELECT 1").count == 1)
        }
    }

    @Test("waits for a lock no longer than that, and can go on") func lock() async throws {
        try await TestDatabase.with { database in
            let other = try database.connect()
            try other.executeScript("CREATE TABLE t (x int8)")
            try other.executeScript("BEGIN; LOCK TABLE t")
            var limits = SessionLimits()
            limits.lock = .milliseconds(100)
            let connection = try Connection(connectionString: database.connectionString, limits: limits)
            let error = #expect(throws: PostgresError.self) { try connection.query("SELECT x FROM t") }
            #expect(error?.kind == .server(sqlState: SQLState.lockNotAvailable))
            try other.executeScript("COMMIT")
            #expect(try connection.query("SELECT x FROM t").isEmpty)
        }
    }

    @Test("that stops in a transaction keeps nobody from the rows it has locked") func idle() async throws {
        try await TestDatabase.with { database in
            let other = try database.connect()
            try other.executeScript("CREATE TABLE t (x int8); INSERT INTO t VALUES (1)")
            var limits = SessionLimits()
            limits.idleInTransaction = .milliseconds(200)
            let connection = try Connection(connectionString: database.connectionString, limits: limits)
            let error = try #require(throws: PostgresError.self) {
                try connection.transaction { transaction in
                    try transaction.execute("UPDATE t SET x = 2")
                    // The update waits for the row.
                    try other.execute("UPDATE t SET x = 3")
                    try transaction.execute("UPDATE t SET x = 4")
                }
            }
            #expect(error.kind == .connection)
            #expect(error.debugDescription.contains("idle-in-transaction timeout"))
            #expect(try other.query("SELECT x FROM t")[0].decode(Int.self, at: 0) == 3)
        }
    }

    @Test("that is given up leaves no statement running on the server") func abandoned() async throws {
        try await TestDatabase.with { database in
            var limits = SessionLimits()
            (limits.lock, limits.answer) = (.milliseconds(100), .milliseconds(200))
            let backend = try giveUp(Self.sleep, database, limits)
            let isRunning: SQL = "SELECT 1 FROM pg_stat_activity WHERE pid = \(backend)"
            let observer = try database.connect()
            while try !observer.query(isRunning).isEmpty { try await Task.sleep(for: .milliseconds(20)) }
        }
    }

    private static let sleep: SQL = "SELECT pg_sleep(500)"

    /// Runs `statement` until it is given up, on a connection that is closed on return. Returns the id of its backend.
    private func giveUp(_ statement: SQL, _ database: TestDatabase, _ limits: SessionLimits) throws -> Int32 {
        let connection = try Connection(connectionString: database.connectionString, limits: limits)
        let error = #expect(throws: PostgresError.self) { try connection.query(statement) }
        #expect(error?.kind == .connection)
        return connection.backendProcessID
    }
}
