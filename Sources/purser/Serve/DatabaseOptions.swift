import ArgumentParser
import Foundation
import Ledger
import Postgres

/// Which database `serve`, `migrate` and `verify` work on.
struct DatabaseOptions: ParsableArguments {
    @Option(name: .customLong("database-url"), help: "The PostgreSQL to use, 14 or later; any libpq connection string.")
    var databaseURL: String?

    @Option(name: .customLong("data-dir"), help: "Where the embedded PostgreSQL keeps its data.")
    var dataDir: String?

    /// Nil for the embedded PostgreSQL.
    var url: String? { databaseURL ?? (dataDir == nil ? Self.environment["PURSER_DATABASE_URL"] : nil) }

    var dataDirectory: String { dataDir ?? Self.environment["PURSER_DATA_DIR"] ?? Self.defaultDataDirectory }

    private static let environment = ProcessInfo.processInfo.environment

    private static var defaultDataDirectory: String {
        if geteuid() == 0 { return "/var/lib/purser" }
        let home = environment["HOME"] ?? "."
        return (environment["XDG_DATA_HOME"] ?? "\(home)/.local/share") + "/purser"
    }

    static func share() throws -> ShareDirectory {
        do {
            let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return try ShareDirectory.find(environment: environment, executable: executable)
        } catch let error as ShareError {
            throw CommandFailure(.refused, "\(error)")
        }
    }

    /// Only `serve` makes a database; a mistyped directory must not become one.
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

    /// Runs `body` on the database: that of the URL, that of a running server on the data directory, or the embedded
    /// one, started for it.
    func withConnection<Value>(_ body: (Connection) throws -> Value) throws -> Value {
        do {
            if let url { return try body(Connection(connectionString: url)) }
            try requireCluster()
            let cluster = PostgresCluster(dataDirectory: dataDirectory)
            defer { cluster.stop() }
            return try body(Connection(connectionString: address(of: cluster)))
        } catch {
            throw Self.failure(of: error)
        }
    }

    /// For the person who runs the database: with libpq's own words where it cannot be reached.
    static func failure(of error: any Error) -> CommandFailure {
        switch error {
        case let failure as CommandFailure: return failure
        case let error as PostgresError where error.kind == .connection:
            let why = error.debugDescription.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            return CommandFailure(.notReachable, "The database cannot be reached: \(why)")
        default: return CommandFailure(.refused, "\(error)")
        }
    }
}
