import ArgumentParser
import Foundation
import Ledger

/// Which database `serve`, `migrate` and `verify` work on.
struct DatabaseOptions: ParsableArguments {
    @Option(name: .customLong("database-url"), help: "The PostgreSQL to use, 14 or later; any libpq connection string.")
    var databaseURL: String?

    @Option(name: .customLong("data-dir"), help: "Where the embedded PostgreSQL keeps its data.")
    var dataDir: String?

    /// What the options say and, where they say nothing, the environment.
    func chosen(_ variables: ServerVariables) throws(CommandFailure) -> ChosenDatabase {
        let variable = try variables.text(.databaseURL)
        let setting = databaseURL == nil ? ServerVariable.databaseURL.rawValue : "--database-url"
        let url = databaseURL ?? variable
        if dataDir != nil, url != nil {
            throw CommandFailure(
                .usage, "--data-dir names the embedded PostgreSQL, and \(setting) another database. Give one of them.")
        }
        let directory = dataDir == nil ? try variables.text(.dataDirectory) : dataDir
        return ChosenDatabase(
            url: url, setting: setting, dataDirectory: directory ?? Self.defaultDataDirectory)
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
}
