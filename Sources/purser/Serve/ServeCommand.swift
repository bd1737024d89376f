import API
import Accounting
import ArgumentParser
import Foundation
import Ledger
import Logging

/// `purser serve`: the office itself.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the office: the API, the ledger's writer, the alerts.",
        discussion: """
            Without a database URL it runs a PostgreSQL of its own in the data directory, migrates it and loads the \
            price book. On a database of yours it refuses an old schema; see purser migrate.

            Environment (a flag wins): PURSER_LISTEN, PURSER_DATABASE_URL, PURSER_DATA_DIR, PURSER_ADMIN_TOKEN \
            (at least 32 characters), PURSER_TIME_ZONE (the accounting time zone, UTC unless set; it counts the first \
            time a database is used), PURSER_LOG_LEVEL.
            """)

    @Option(help: "Where to listen.") var listen: String?
    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let log = try Self.logger(environment)
        let (host, port) = try Self.address(listen ?? environment["PURSER_LISTEN"] ?? "127.0.0.1:8080")
        let adminToken = environment["PURSER_ADMIN_TOKEN"]
        if let adminToken, adminToken.utf8.count < 32 {
            throw CommandFailure(.usage, "PURSER_ADMIN_TOKEN must have at least 32 characters.")
        }
        let zoneName = environment["PURSER_TIME_ZONE"] ?? "UTC"
        guard let zone = Zone(name: zoneName) else {
            throw CommandFailure(.usage, "PURSER_TIME_ZONE is not an IANA time zone: \(zoneName)")
        }
        let settings = OfficeServer.Settings(
            host: host, port: port, databaseURL: database.url, dataDirectory: database.dataDirectory,
            adminToken: adminToken, accountingZone: zone, share: try DatabaseOptions.share(),
            firstRetrySeconds: environment["PURSER_ALERT_FIRST_RETRY_SECONDS"].flatMap { Int($0) })
        do {
            try await OfficeServer(settings, log: log).run { address in
                try? StandardOutput.writeLine("purser is ready on \(address)")
            }
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(.refused, "\(error)")
        }
    }

    private static func logger(_ environment: [String: String]) throws -> Logger {
        let level = environment["PURSER_LOG_LEVEL"] ?? "notice"
        guard let level = Logger.Level(rawValue: level) else {
            throw CommandFailure(
                .usage, "PURSER_LOG_LEVEL must be one of trace, debug, info, notice, warning, error, critical.")
        }
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        var log = Logger(label: "purser")
        log.logLevel = level
        return log
    }

    private static func address(_ text: String) throws -> (host: String, port: Int) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { throw CommandFailure(.usage, "The address to listen on must be HOST:PORT, such as 127.0.0.1:8080.") }
        let host = text[..<colon].trimmingCharacters(in: ["[", "]"])
        return (host, port)
    }
}
