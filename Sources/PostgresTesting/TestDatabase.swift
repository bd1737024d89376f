import Glibc
import Postgres
import Synchronization

/// A database for one test, in a real PostgreSQL that the test process starts and stops.
///
///     let database = try await TestDatabase.make()
///     let connection = try Connection(connectionString: database.connectionString)
///     …
///     try await database.close()
package struct TestDatabase: Sendable {
    package let name: String
    package let connectionString: String

    private static let made = Atomic<Int>(0)

    /// Creates an empty database, or a copy of a template; the first one starts the cluster.
    package static func make(from template: TestTemplate? = nil) async throws -> TestDatabase {
        let name = "test_\(made.add(1, ordering: .relaxed).newValue)"
        let source = try await template?.name ?? "template1"
        try await TestCluster.administrate { connection in
            // Files are copied in half the time that pages take. Before 15 that is how it is always done.
            let version = try connection.query("SELECT current_setting('server_version_num')::int")[0]
            let strategy = try version.decode(Int32.self, at: 0) >= 150_000 ? " STRATEGY file_copy" : ""
            try connection.executeScript("CREATE DATABASE \(name) TEMPLATE \(source)\(strategy)")
        }
        let connectionString = try await TestCluster.connectionString(database: name)
        return TestDatabase(name: name, connectionString: connectionString)
    }

    /// Drops the database, even if sessions are connected to it.
    package func close() async throws {
        try await TestCluster.administrate { [name] in try $0.executeScript("DROP DATABASE \(name) WITH (FORCE)") }
    }

    /// A new connection to the database. Connecting blocks the thread, which is allowed in a test.
    package func connect() throws(PostgresError) -> Connection {
        try Connection(connectionString: connectionString)
    }

    /// Ends a connection from the server's side and returns when its backend is gone.
    package func terminate(_ connection: Connection) throws(PostgresError) {
        try connect().execute("SELECT pg_terminate_backend(\(connection.backendProcessID), 10000)")
    }

    /// Runs `body` with a database that is dropped afterwards.
    package static func with<Value>(
        _ template: TestTemplate? = nil, _ body: (TestDatabase) async throws -> Value
    ) async throws -> Value {
        let database = try await make(from: template)
        do {
            let value = try await body(database)
            try await database.close()
            return value
        } catch {
            try? await database.close()
            throw error
        }
    }
}
