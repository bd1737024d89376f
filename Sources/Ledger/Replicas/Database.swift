import Postgres

/// The database for everything that is not on the way of a verdict: lists, reports, changes of configuration.
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
    /// How many jobs were begun, and how long all of them together had waited for a connection.
    package var begun: (count: Int, waited: Duration) { pool.begun }

    func close() async { await pool.close() }
}
