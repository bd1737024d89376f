import Glibc
import Postgres

/// The one cluster of a test process, in a temporary directory that goes away with it.
///
/// If the process is killed, the server ends by itself; only its directory stays.
package enum TestCluster {
    private static let directory = TemporaryDirectory.create()
    /// Durability against a crash of the machine is not tested, and costs the tests their time.
    private static let cluster = PostgresCluster(
        dataDirectory: directory, settings: ["fsync": "off", "full_page_writes": "off", "max_connections": "200"])
    /// Connections block, so that a thread of its own starts the cluster and creates databases.
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
        // Of a keyword that is given twice, libpq takes the last.
        try await administrator.value.connectionString + " dbname=\(database)"
    }
}
