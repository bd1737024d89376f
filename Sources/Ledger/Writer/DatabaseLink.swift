import Glibc
import Postgres

/// A connection for a thread that owns it and must not hang. The link reconnects when the connection is lost.
///
/// `@unchecked Sendable`, because only that thread uses the connection.
package final class DatabaseLink: @unchecked Sendable {
    private let connectionString: String
    private let limits: SessionLimits
    private let setUp: String?
    package let statistics: SessionStatistics
    private var connection: Connection?

    /// - Parameters:
    ///   - name: the name of the link's sessions in metrics.
    ///   - setUp: statements to run in each new session.
    package init(
        connectionString: String, name: String, limits: SessionLimits = SessionLimits(), setUp: String? = nil
    ) {
        self.connectionString = connectionString
        statistics = SessionStatistics(name: name)
        self.limits = limits
        self.setUp = setUp
    }

    /// Runs `body` on the connection and connects first if necessary. Never repeats `body`.
    package func run<Value>(_ body: (Connection) throws -> Value) throws -> Value {
        if let connection, connection.isUsable { return try body(connection) }
        // Close the old connection before making the next: its locks are freed sooner, and it takes up no second
        // connection slot.
        connection = nil
        let next = try Connection(connectionString: connectionString, limits: limits, statistics: statistics)
        if let setUp { try next.executeScript(setUp) }
        connection = next
        return try body(next)
    }

    /// Waits a little before the next attempt.
    package func pause() { usleep(50_000) }
}

extension SessionLimits {
    /// For heartbeats: a silent host is given up, and the next host reached, before this replica is fenced.
    static let heartbeat = answering(within: .seconds(3))
    /// For control: a whole configuration may take a while to read.
    static let control = answering(within: .seconds(20))
    /// For maintenance, whose portions are large, and whose writes may be repeated.
    static let maintenance = {
        var limits = answering(within: .seconds(30))
        limits.statement = .seconds(25)
        return limits
    }()

    private static func answering(within limit: Duration) -> SessionLimits {
        var limits = SessionLimits()
        limits.answer = limit
        return limits
    }
}

/// Settings for sessions whose statements always look rows up by key. Plans are made once. No plan reads a whole table,
/// even if the statistics still describe a table that was empty a minute ago.
enum SessionPlanning {
    static let byKey = """
        SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_bitmapscan = off;
        SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_material = off
        """
}
