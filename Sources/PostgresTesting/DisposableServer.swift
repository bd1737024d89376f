import Glibc
import Postgres

/// A PostgreSQL server for one test, which may kill it, fill its disk or replace it.
package struct DisposableServer: Sendable {
    package let cluster: PostgresCluster
    package let database: TestDatabase

    static let settings = [
        "fsync": "off", "shared_buffers": "16MB", "min_wal_size": "32MB", "autovacuum": "off",
        "log_min_messages": "error",
    ]

    /// Runs `body` with a server that is removed afterwards. Starting it blocks the thread, which is allowed in a test.
    package static func with(
        _ settings: [String: String] = [:], _ body: (DisposableServer) async throws -> Void
    ) async throws {
        let directory = TemporaryDirectory.create()
        defer { TemporaryDirectory.remove(directory) }
        let server = try start(in: directory, settings)
        defer { server.cluster.stop(.immediate) }
        try await body(server)
    }

    static func start(in directory: String, _ settings: [String: String] = [:]) throws -> DisposableServer {
        let cluster = PostgresCluster(
            dataDirectory: directory, settings: Self.settings.merging(settings) { _, chosen in chosen })
        let connectionString = try cluster.start()
        return DisposableServer(
            cluster: cluster, database: TestDatabase(name: "purser", connectionString: connectionString))
    }

    package var socketDirectory: String { "\(cluster.dataDirectory)/socket" }

    /// The operating-system user that the server runs as.
    var user: ClusterUser {
        get throws { try ClusterUser.choose(clusterDirectory: "\(cluster.dataDirectory)/postgres") }
    }

    /// Sends a signal to the server's main process, and returns when that process has ended.
    package func end(by signal: Int32) {
        guard let processID = cluster.serverProcessID else { return }
        kill(processID, signal)
        while cluster.isRunning { usleep(1_000) }
    }

    /// Changes settings for all sessions from now on.
    package func alterSystem(_ settings: String...) throws {
        let connection = try database.connect()
        for setting in settings { try connection.executeScript("ALTER SYSTEM SET \(setting)") }
        try connection.executeScript("SELECT pg_reload_conf()")
    }

    /// The ids of the server's processes that match a condition on `pg_stat_activity`.
    package func processIDs(where condition: SQL) throws -> [Int32] {
        try database.connect().query("SELECT pid FROM pg_stat_activity WHERE " + condition).map {
            try $0.decode(at: 0)
        }
    }
}
