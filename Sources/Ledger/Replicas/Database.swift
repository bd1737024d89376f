import Postgres

/// Database access for everything outside the path of a verdict: lists, reports, configuration changes.
package struct Database: Sendable {
    private let pool: Pool

    init(connectionString: String) {
        pool = Pool(connectionString: connectionString, connectionCount: 4, name: "pool")
    }

    /// Runs `body` with a connection on a thread that may block; see `Pool.run`.
    package func run<Value: Sendable>(_ body: @escaping @Sendable (Connection) throws -> Value) async throws -> Value {
        try await pool.run(body)
    }

    var statistics: SessionStatistics { pool.statistics }
    /// The number of jobs that were started, and the total time they waited for a connection.
    package var begun: (count: Int, waited: Duration) { pool.begun }

    func close() async { await pool.close() }
}
