import PostgresTesting

@testable import Postgres

/// A cluster for a single test that kills or misuses it. The cluster is removed afterwards.
enum ScratchCluster {
    static let settings = ["fsync": "off", "shared_buffers": "16MB"]

    static func with(_ body: (PostgresCluster, String) async throws -> Void) async throws {
        try await withDirectory { directory in
            let cluster = PostgresCluster(dataDirectory: directory, settings: settings)
            defer { cluster.stop(.immediate) }
            let connectionString = try cluster.start()
            try await body(cluster, connectionString)
        }
    }

    static func withDirectory(_ body: (String) async throws -> Void) async throws {
        let directory = TemporaryDirectory.create()
        defer { TemporaryDirectory.remove(directory) }
        try await body(directory)
    }

    static func insert(_ value: Int, _ connectionString: String) throws {
        let connection = try Connection(connectionString: connectionString)
        try connection.executeScript("CREATE TABLE IF NOT EXISTS t (x int8)")
        try connection.execute("INSERT INTO t VALUES (\(value))")
    }

    static func values(_ connectionString: String) throws -> [Int] {
        let rows = try Connection(connectionString: connectionString).query("SELECT x FROM t ORDER BY x")
        return try rows.map { row throws in try row.decode(Int.self, at: 0) }
    }
}
