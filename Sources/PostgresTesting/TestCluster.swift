import Glibc
import Postgres

/// The PostgreSQL cluster that all tests of a process share, in a temporary directory that is removed at exit.
///
/// If the process is killed, the server ends by itself; only its directory stays.
package enum TestCluster {
    private static let directory = TemporaryDirectory.create()
    /// The tests do not cover a crash of the machine, so they do without the time that fsync takes.
    private static let cluster = PostgresCluster(
        dataDirectory: directory, settings: ["fsync": "off", "full_page_writes": "off", "max_connections": "200"])
    /// Connections block, so dedicated threads start the cluster and create databases.
    private static let administrator = Task {
        let started = try await withCheckedThrowingContinuation { continuation in
            _ = DedicatedThread(name: "test-cluster") { continuation.resume(with: Result { try cluster.start() }) }
        }
        atexit {
            TestCluster.cluster.stop(.immediate)
            TemporaryDirectory.remove(TestCluster.directory)
        }
        let pool = Pool(connectionString: started, connectionCount: 1, name: "test-admin", reconnectWait: .seconds(30))
        return (pool, connectionString: started)
    }

    /// Runs `body` on a connection of the superuser.
    package static func administrate<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> Value
    ) async throws -> Value {
        try await administrator.value.0.run(body)
    }

    static func connectionString(database: String) async throws -> String {
        // If a keyword is given twice, libpq takes the last value.
        try await administrator.value.connectionString + " dbname=\(database)"
    }
}
