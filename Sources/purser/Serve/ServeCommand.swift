import API
import Accounting
import ArgumentParser
import Finance
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
            (at least 32 characters), PURSER_TIME_ZONE, PURSER_DRAIN_SECONDS, PURSER_FENCED_HARD, PURSER_FENCED_SOFT, \
            PURSER_IDLE_SECONDS, PURSER_REQUEST_SECONDS, PURSER_MAX_CONNECTIONS, \
            PURSER_ALERT_FIRST_RETRY_SECONDS, PURSER_ALERTS_ALLOW_PRIVATE (true lets alerts go to private and loopback \
            addresses), PURSER_RAW_USAGE_DAYS, PURSER_VERDICT_LOG_DAYS, PURSER_UNALLOCATED_PERCENT, PURSER_MAX_CALL_TOKENS and PURSER_MAX_CALL_USD \
            (the most that one call may use and cost), PURSER_BILLING_ACCOUNT_ID and PURSER_BILLING_ACCOUNT_NAME (in \
            FOCUS files), PURSER_CURRENCY_RATES (a file with rates for reports in other currencies), PURSER_LOG_LEVEL, \
            PURSER_LOG_FORMAT (text or json). One that cannot be used, or is not known, stops the server at its start.

            SIGTERM: no new holds and readyz 503 at once; after the drain seconds connections end, what is queued \
            commits, leases go back. SIGINT, or a second signal, does without the wait.
            """)

    @Option(help: "Where to listen.") var listen: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How long load balancers are given to notice, after SIGTERM (default: \(defaultDrainSeconds)).",
            valueName: "seconds"))
    var drainSeconds: Int?
    @Option(help: "Once the ledger was not reached for the lease time: hard budgets closed (default) or open.")
    var fencedHard: FencedPolicy.FailureMode?
    @Option(help: "The same for soft budgets: open (default) or closed.")
    var fencedSoft: FencedPolicy.FailureMode?
    @OptionGroup var connections: ConnectionOptions
    @OptionGroup var timeZone: TimeZoneOptions
    @OptionGroup var database: DatabaseOptions

    /// Health checks notice the draining within a second or two. By default containers are given ten seconds to stop;
    /// the rest of these is for requests under way, commits and leases.
    private static let defaultDrainSeconds = 5
    private static let maximumDrainSeconds = 300

    func run() async throws {
        let variables = try ServerVariables()
        let log = try Self.logger(variables)
        let (host, port) = try Self.address(listen ?? variables.text(.listen) ?? "127.0.0.1:8080")
        let chosen = try database.chosen(variables)
        let settings = Server.Settings(
            host: host, port: port, databaseURL: chosen.url, dataDirectory: chosen.dataDirectory,
            adminToken: try Self.adminToken(variables), accountingZone: try timeZone.zone(variables),
            resources: try DatabaseOptions.resources(),
            firstRetrySeconds: try variables.whole(.alertFirstRetrySeconds, from: 1...86_400),
            allowsPrivateReceivers: try variables.flag(.alertsAllowPrivate) ?? false,
            drainSeconds: try drainSeconds(variables), fencedPolicy: try fencedPolicy(variables),
            connectionLimits: try connections.limits(variables),
            rawUsageDays: Int32(
                try variables.whole(.rawUsageDays, from: 35...36_500) ?? Int(Replica.defaultRawUsageDays)),
            verdictLogDays: Int32(
                try variables.whole(.verdictLogDays, from: 0...3_650) ?? Int(Replica.defaultVerdictLogDays)),
            unallocatedPercent: Int64(
                try variables.whole(.unallocatedPercent, from: 0...100) ?? Server.defaultUnallocatedPercent),
            callLimits: try Self.callLimits(variables), billingAccount: try Self.billingAccount(variables),
            currencyRates: try variables.text(.currencyRates))
        do {
            try await Server(settings, log: log).run { address in
                try? StandardOutput.writeLine("purser is ready on \(address)")
            }
        } catch {
            throw chosen.failure(of: error)
        }
    }

    private static func adminToken(_ variables: ServerVariables) throws -> String? {
        guard let token = try variables.text(.adminToken) else { return nil }
        guard (32...240).contains(token.utf8.count), token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw CommandFailure(
                .usage, "PURSER_ADMIN_TOKEN must have 32 to 240 characters of printable ASCII, without spaces.")
        }
        return token
    }

    private func drainSeconds(_ variables: ServerVariables) throws -> Int {
        let range = 0...Self.maximumDrainSeconds
        guard let drainSeconds else {
            return try variables.whole(.drainSeconds, from: range) ?? Self.defaultDrainSeconds
        }
        guard range.contains(drainSeconds) else {
            throw CommandFailure(.usage, "--drain-seconds must be from 0 to \(Self.maximumDrainSeconds).")
        }
        return drainSeconds
    }

    private func fencedPolicy(_ variables: ServerVariables) throws -> FencedPolicy {
        FencedPolicy(
            hard: try fencedHard ?? variables.choice(.fencedHard) ?? .closed,
            soft: try fencedSoft ?? variables.choice(.fencedSoft) ?? .open)
    }

    private static func callLimits(_ variables: ServerVariables) throws -> CallLimits {
        let (standard, greatest) = (CallLimits.standard, CallLimits.greatest)
        let quantity = try variables.whole(.maximumCallTokens, from: 1...Int(greatest.quantity))
        var cost = standard.cost
        if let text = try variables.text(.maximumCallUSD) {
            guard let given = Money(usd: text), given > .zero, given <= greatest.cost else {
                let most = greatest.cost.usd
                throw CommandFailure(
                    .usage, "PURSER_MAX_CALL_USD must be an amount in USD above 0 and up to \(most), such as 10000.")
            }
            cost = given
        }
        return CallLimits(quantity: quantity.map(Int64.init) ?? standard.quantity, cost: cost)
    }

    private static func billingAccount(_ variables: ServerVariables) throws -> FOCUSFile.Account {
        let unnamed = FOCUSFile.Account.unnamed
        let id = try variables.text(.billingAccountID)
        return FOCUSFile.Account(
            id: id ?? unnamed.id, name: try variables.text(.billingAccountName) ?? id ?? unnamed.name)
    }

    private static func logger(_ variables: ServerVariables) throws -> Logger {
        let level: Logger.Level = try variables.choice(.logLevel) ?? .notice
        let format: ServerLogHandler.Format = try variables.choice(.logFormat) ?? .text
        LoggingSystem.bootstrap { _ in ServerLogHandler(format) }
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
