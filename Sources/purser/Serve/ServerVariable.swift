import Wording

/// The environment variables of Purser. A name that begins with `PURSER_` and is none of them stops `serve`, `migrate` and
/// `verify`: a setting that is misspelt would otherwise do nothing, in silence.
enum ServerVariable: String, CaseIterable {
    case listen = "PURSER_LISTEN"
    case databaseURL = "PURSER_DATABASE_URL"
    case dataDirectory = "PURSER_DATA_DIR"
    case adminToken = "PURSER_ADMIN_TOKEN"
    case timeZone = "PURSER_TIME_ZONE"
    case drainSeconds = "PURSER_DRAIN_SECONDS"
    case fencedHard = "PURSER_FENCED_HARD"
    case fencedSoft = "PURSER_FENCED_SOFT"
    case idleSeconds = "PURSER_IDLE_SECONDS"
    case requestSeconds = "PURSER_REQUEST_SECONDS"
    case maximumConnections = "PURSER_MAX_CONNECTIONS"
    case alertFirstRetrySeconds = "PURSER_ALERT_FIRST_RETRY_SECONDS"
    case alertsAllowPrivate = "PURSER_ALERTS_ALLOW_PRIVATE"
    case rawUsageDays = "PURSER_RAW_USAGE_DAYS"
    case verdictLogDays = "PURSER_VERDICT_LOG_DAYS"
    case unallocatedPercent = "PURSER_UNALLOCATED_PERCENT"
    case maximumCallTokens = "PURSER_MAX_CALL_TOKENS"
    case maximumCallUSD = "PURSER_MAX_CALL_USD"
    case billingAccountID = "PURSER_BILLING_ACCOUNT_ID"
    case billingAccountName = "PURSER_BILLING_ACCOUNT_NAME"
    case currencyRates = "PURSER_CURRENCY_RATES"
    case logLevel = "PURSER_LOG_LEVEL"
    case logFormat = "PURSER_LOG_FORMAT"

    /// What other commands, or the folder search, read from the same environment.
    private static let others: Set<String> = ["PURSER_URL", "PURSER_TOKEN", "PURSER_TEAM", "PURSER_SHARE"]

    /// Throws where a variable is none of Purser's, with the one that is probably meant.
    static func check(_ names: some Sequence<String>) throws(CommandFailure) {
        let unknown = names.filter { name in
            name.hasPrefix("PURSER_") && Self(rawValue: name) == nil && !others.contains(name) && !isOfCluster(name)
        }.sorted()
        guard !unknown.isEmpty else { return }
        throw CommandFailure(.usage, lines: unknown.map(complaint))
    }

    private static func complaint(_ name: String) -> String {
        let nearest = EditDistance.nearest(to: name, among: allCases.map(\.rawValue), atMost: 3)
        let guess = nearest.map { " Did you mean \($0)?" } ?? ""
        return "\(PrintableText.of(name)) is no setting of purser.\(guess)"
    }

    /// Whether Kubernetes, or Docker with links, sets the variable for a service named purser or `purser-…`.
    private static func isOfCluster(_ name: String) -> Bool {
        name.hasSuffix("_SERVICE_HOST") || name.contains("_SERVICE_PORT") || name.hasSuffix("_PORT")
            || ["_TCP", "_UDP", "_SCTP"].contains { name.contains("_PORT_") && name.contains($0) }
    }
}
