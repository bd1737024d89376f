import Foundation
import Ledger
import Postgres

/// The database that `serve`, `migrate` or `verify` works on, and the setting that named it.
struct ChosenDatabase {
    /// Nil for the embedded PostgreSQL.
    let url: String?
    /// Such as `--database-url`, so that the person who must mend it knows where it stands.
    let setting: String
    /// Where the embedded PostgreSQL keeps its data.
    let dataDirectory: String

    /// Throws where the data directory has no database. Only `serve` makes a database, so that no other command makes
    /// one in a mistyped directory.
    private func requireCluster() throws(CommandFailure) {
        guard FileManager.default.fileExists(atPath: "\(dataDirectory)/postgres/PG_VERSION") else {
            throw CommandFailure(
                .refused,
                "There is no database of Purser in \(dataDirectory). Name another with --data-dir or --database-url.")
        }
    }

    private func address(of cluster: PostgresCluster) throws(ClusterError) -> String {
        do throws(ClusterError) {
            return try cluster.start()
        } catch {
            guard case .held = error, let address = EmbeddedAddress(dataDirectory).read() else { throw error }
            return address
        }
    }

    /// Runs `body` on the database: the one of the URL, else the one of a running server on the data directory, else
    /// the embedded one, which is started for it.
    ///
    /// - Parameter command: what the session is for; `pg_stat_activity` shows it.
    func withConnection<Value>(_ command: String, _ body: (Connection) throws -> Value) throws -> Value {
        do {
            if let url { return try body(Connection(connectionString: url, name: command)) }
            try requireCluster()
            let cluster = PostgresCluster(dataDirectory: dataDirectory)
            defer { cluster.stop() }
            return try body(Connection(connectionString: address(of: cluster), name: command))
        } catch {
            throw failure(of: error)
        }
    }

    /// The failure for the person who runs the database. It has the message of libpq where the database cannot be
    /// reached.
    func failure(of error: any Error) -> CommandFailure {
        switch error {
        case let failure as CommandFailure: return failure
        case let error as PostgresError where error.kind == .usage && url != nil:
            return CommandFailure(
                .usage, "\(setting) cannot be read: \(Self.line(error)).",
                "Write a connection string of libpq, such as postgresql://purser@db.example.com/purser.")
        case let error as PostgresError where error.kind == .connection:
            let failure = CommandFailure(.notReachable, "The database cannot be reached: \(Self.line(error))")
            guard url != nil else { return failure }
            return CommandFailure(.notReachable, lines: failure.lines + ["\(setting) says where it is."])
        default: return CommandFailure(.refused, "\(error)")
        }
    }

    private static func line(_ error: PostgresError) -> String {
        error.debugDescription.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
