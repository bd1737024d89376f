import Glibc
import Postgres

/// One connection that is made again when it is lost, for a thread that owns it.
///
/// Unchecked because only that thread uses it.
package final class DatabaseLink: @unchecked Sendable {
    private let connectionString: String
    private var connection: Connection?

    package init(connectionString: String) { self.connectionString = connectionString }

    /// Runs `body` on the connection, connecting first if need be; never repeats it.
    package func run<Value>(_ body: (Connection) throws -> Value) throws -> Value {
        if connection?.isUsable != true { connection = try Connection(connectionString: connectionString) }
        return try body(connection!)
    }

    /// Waits a little before the next attempt.
    package func pause() { usleep(50_000) }
}
