import Glibc
import Postgres

/// One connection that is made again when it is lost, for a thread that owns it and must not hang.
///
/// Unchecked because only that thread uses it.
package final class DatabaseLink: @unchecked Sendable {
    private let connectionString: String
    private let limits: SessionLimits
    private let setUp: String?
    package let statistics: SessionStatistics
    private var connection: Connection?

    /// - Parameters:
    ///   - name: as metrics name its sessions.
    ///   - setUp: statements for each new session.
    package init(
        connectionString: String, name: String, limits: SessionLimits = SessionLimits(), setUp: String? = nil
    ) {
        self.connectionString = connectionString
        statistics = SessionStatistics(name: name)
        self.limits = limits
        self.setUp = setUp
    }

    /// Runs `body` on the connection, connecting first if need be; never repeats it.
    package func run<Value>(_ body: (Connection) throws -> Value) throws -> Value {
        if let connection, connection.isUsable { return try body(connection) }
        // Closed before the next one is made: what it locked is free the sooner, and it takes up no second place.
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
    /// For heartbeats: a host that falls silent is given up, and the next one reached, before the fence.
    static let heartbeat = {
        var limits = SessionLimits()
        limits.answer = .seconds(3)
        return limits
    }()
}

/// For sessions whose statements always look rows up by their keys: plans are made once, and what the statistics say of a
/// table that was empty a minute ago lets none of them read a whole table.
enum SessionPlanning {
    static let byKey = """
        SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_bitmapscan = off;
        SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_material = off; SET jit = off
        """
}
