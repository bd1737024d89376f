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
    var url: String? {
        get throws(CommandFailure) {
            let variable = try ServerVariables().text(.databaseURL)
            if dataDir != nil,
                let other = databaseURL.map({ _ in "--database-url" })
                    ?? variable.map({ _ in ServerVariable.databaseURL.rawValue })
            {
                throw CommandFailure(
                    .usage, "--data-dir names the embedded PostgreSQL, and \(other) another database. Give one of them."
                )
            }
            return databaseURL ?? variable
        }
    }

    var dataDirectory: String {
        get throws(CommandFailure) {
            if let dataDir { return dataDir }
            return try ServerVariables().text(.dataDirectory) ?? Self.defaultDataDirectory
        }
    }

    private static let environment = ProcessInfo.processInfo.environment

    private static var defaultDataDirectory: String {
        if geteuid() == 0 { return "/var/lib/purser" }
        let home = environment["HOME"] ?? "."
        return (environment["XDG_DATA_HOME"] ?? "\(home)/.local/share") + "/purser"
    }

    static func resources() throws -> ResourceDirectory {
        do {
            let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return try ResourceDirectory.find(environment: environment, executable: executable)
        } catch let error as ResourceError {
            throw CommandFailure(.refused, "\(error)")
        }
    }

    /// Throws where the data directory has no database. Only `serve` makes a database, so that no other command makes
    /// one in a mistyped directory.
    private func requireCluster() throws(CommandFailure) {
        let dataDirectory = try dataDirectory
        guard FileManager.default.fileExists(atPath: "\(dataDirectory)/postgres/PG_VERSION") else {
            throw CommandFailure(
                .refused,
                "There is no database of Purser in \(dataDirectory). Name another with --data-dir or --database-url.")
        }
    }

    private func address(of cluster: PostgresCluster, in dataDirectory: String) throws(ClusterError) -> String {
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
            if let url = try url { return try body(Connection(connectionString: url, name: command)) }
            try requireCluster()
            let dataDirectory = try dataDirectory
            let cluster = PostgresCluster(dataDirectory: dataDirectory)
            defer { cluster.stop() }
            return try body(
                Connection(
                    connectionString: address(of: cluster, in: dataDirectory), name: command))
        } catch {
            throw Self.failure(of: error)
        }
    }

    /// The failure for the person who runs the database. It has the message of libpq where the database cannot be
    /// reached.
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
