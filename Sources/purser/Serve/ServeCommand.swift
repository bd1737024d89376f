import API
import Accounting
import ArgumentParser
import Foundation
import Ledger
import Logging

/// `purser serve`: runs the server.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the server: the API, the ledger's writer, the alerts.",
        discussion: """
            Without a database URL it runs a PostgreSQL of its own in the data directory, migrates it and loads the \
            price book. On a database of yours it refuses an old schema; see purser migrate.

            Environment (a flag wins): PURSER_LISTEN, PURSER_DATABASE_URL, PURSER_DATA_DIR, PURSER_ADMIN_TOKEN \
            (at least 32 characters), PURSER_TIME_ZONE (the accounting time zone, UTC unless set; it counts the first \
            time a database is used), PURSER_DRAIN_SECONDS, PURSER_FENCED_HARD, \
            PURSER_FENCED_SOFT, PURSER_MAX_CALL_TOKENS, PURSER_MAX_CALL_USD (the most that one call may use and cost), \
            PURSER_LOG_LEVEL.

            SIGTERM: no new holds and readyz 503 at once; after the drain seconds connections end, what is queued \
            commits, leases go back. SIGINT, or a second signal, does without the wait.
            """)

    @Option(help: "Where to listen.") var listen: String?
    @Option(
        help: ArgumentHelp(
            "How long load balancers are given to notice, after SIGTERM (default: \(defaultDrainSeconds)).",
            valueName: "seconds"))
    var drainSeconds: Int?
    @Option(help: "Once the ledger was not reached for the lease time: hard budgets closed (default) or open.")
    var fencedHard: FencedPolicy.FailureMode?
    @Option(help: "The same for soft budgets: open (default) or closed.")
    var fencedSoft: FencedPolicy.FailureMode?
    @OptionGroup var database: DatabaseOptions

    /// Health checks notice the draining within a second or two. By default containers are given ten seconds to stop;
    /// the rest of these is for requests under way, commits and leases.
    private static let defaultDrainSeconds = 5
    private static let maximumDrainSeconds = 300

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
        let settings = Server.Settings(
            host: host, port: port, databaseURL: database.url, dataDirectory: database.dataDirectory,
            adminToken: adminToken, accountingZone: zone, resources: try DatabaseOptions.resources(),
            firstRetrySeconds: environment["PURSER_ALERT_FIRST_RETRY_SECONDS"].flatMap { Int($0) },
            drainSeconds: try drainSeconds(environment), fencedPolicy: try fencedPolicy(environment),
            callLimits: try Self.callLimits(environment))
        do {
            try await Server(settings, log: log).run { address in
                try? StandardOutput.writeLine("purser is ready on \(address)")
            }
        } catch {
            throw DatabaseOptions.failure(of: error)
        }
    }

    private func drainSeconds(_ environment: [String: String]) throws -> Int {
        let given = drainSeconds.map(String.init) ?? environment["PURSER_DRAIN_SECONDS"]
        guard let given else { return Self.defaultDrainSeconds }
        guard let seconds = Int(given), (0...Self.maximumDrainSeconds).contains(seconds) else {
            throw CommandFailure(
                .usage, "The drain seconds must be a whole number from 0 to \(Self.maximumDrainSeconds).")
        }
        return seconds
    }

    private func fencedPolicy(_ environment: [String: String]) throws -> FencedPolicy {
        func mode(_ flag: FencedPolicy.FailureMode?, _ variable: String, unlessSet: FencedPolicy.FailureMode) throws
            -> FencedPolicy.FailureMode
        {
            guard flag == nil, let given = environment[variable] else { return flag ?? unlessSet }
            guard let mode = FencedPolicy.FailureMode(rawValue: given) else {
                throw CommandFailure(.usage, "\(variable) must be open or closed.")
            }
            return mode
        }
        return FencedPolicy(
            hard: try mode(fencedHard, "PURSER_FENCED_HARD", unlessSet: .closed),
            soft: try mode(fencedSoft, "PURSER_FENCED_SOFT", unlessSet: .open))
    }

    private static func callLimits(_ environment: [String: String]) throws -> CallLimits {
        var (quantity, cost) = (CallLimits.standard.quantity, CallLimits.standard.cost)
        if let text = environment["PURSER_MAX_CALL_TOKENS"] {
            let most = CallLimits.greatest.quantity
            guard let given = Int64(text), (1...most).contains(given) else {
                throw CommandFailure(.usage, "PURSER_MAX_CALL_TOKENS must be a whole number from 1 to \(most).")
            }
            quantity = given
        }
        if let text = environment["PURSER_MAX_CALL_USD"] {
            let most = CallLimits.greatest.cost
            guard let given = Money(usd: text), given > .zero, given <= most else {
                throw CommandFailure(
                    .usage, "PURSER_MAX_CALL_USD must be an amount in USD above 0 and up to \(most.usd), such as 10000."
                )
            }
            cost = given
        }
        return CallLimits(quantity: quantity, cost: cost)
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
