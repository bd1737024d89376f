import Accounting
import CoreMetrics
import Ledger
import Postgres

/// The metrics of the server. They contain no team, model or amount, because `/metrics` needs no token.
struct ServerMetrics: Sendable {
    private let registry: PrometheusRegistry
    private let admits: Counter
    private let downgrades: [Reason.Code: Counter]
    private let denials: [Reason.Code: Counter]
    private let clamped: [Verdict.Kind: Counter]
    private let unpriced: Counter
    private let usageWarnings: [CallWarning.Code: Counter]
    private let routes: AllRouteSeries
    private let refusedConnections: Counter
    private let endedConnections: [ConnectionClock.Limit: Counter]

    /// The route of requests that belong to none.
    static let unroutedName = "none"

    init(observing replica: Replica, _ alertSignal: AlertSignal) {
        let registry = PrometheusRegistry(help: Self.help)
        self.registry = registry
        func counter(_ verdict: Verdict.Kind, _ reason: Reason.Code?) -> Counter {
            Counter(
                label: "purser_verdicts_total",
                dimensions: [("verdict", verdict.rawValue), ("reason", reason?.rawValue ?? "")], factory: registry)
        }
        func counters(_ verdict: Verdict.Kind) -> [Reason.Code: Counter] {
            Dictionary(uniqueKeysWithValues: Reason.Code.allCases.map { ($0, counter(verdict, $0)) })
        }
        admits = counter(.admit, nil)
        downgrades = counters(.downgrade)
        denials = counters(.deny)
        clamped = Dictionary(
            uniqueKeysWithValues: [Verdict.Kind.admit, .downgrade].map {
                let labels = [("verdict", $0.rawValue)]
                return ($0, Counter(label: "purser_clamped_verdicts_total", dimensions: labels, factory: registry))
            })
        unpriced = Counter(label: "purser_unpriced_calls_total", dimensions: [], factory: registry)
        usageWarnings = Dictionary(
            uniqueKeysWithValues: CallWarning.Code.ofUsage.map {
                (
                    $0,
                    Counter(
                        label: "purser_usage_warnings_total", dimensions: [("code", $0.rawValue)], factory: registry)
                )
            })
        routes = AllRouteSeries(registry: registry)
        refusedConnections = Counter(
            label: "purser_http_connections_refused_total", dimensions: [], factory: registry)
        endedConnections = Dictionary(
            uniqueKeysWithValues: ConnectionClock.Limit.allCases.map {
                let labels = [("limit", $0.rawValue)]
                return (
                    $0, Counter(label: "purser_http_connections_timed_out_total", dimensions: labels, factory: registry)
                )
            })
        registry.observe(.gauge, "purser_build_info", [("version", Build.version)]) { .count(1) }
        observe(replica, alertSignal)
        registry.observePrices(of: replica)
        registry.observeRequests(of: replica)
        registry.observeCalls(of: replica)
    }

    /// Registers the counters of work that even an idle server does: database statements, pool jobs and wake-ups.
    private func observe(_ replica: Replica, _ alertSignal: AlertSignal) {
        for session in replica.sessions {
            registry.observe(.counter, "purser_database_statements_total", [("session", session.name)]) {
                .count(session.statementCount)
            }
        }
        for pool in replica.database.pools {
            let name = [("pool", pool.statistics.name)]
            registry.observe(.counter, "purser_database_pool_jobs_total", name) { .count(Int64(pool.begun.count)) }
            registry.observe(.counter, "purser_database_pool_wait_seconds_total", name) {
                .duration(pool.begun.waited)
            }
            registry.observe(.counter, "purser_database_pool_refusals_total", name) { .count(Int64(pool.refusedCount)) }
            registry.observe(.counter, "purser_database_pool_cancellations_total", name) {
                .count(Int64(pool.cancelledCount))
            }
        }
        for (name, signal) in replica.threadSignals {
            registry.observe(.counter, "purser_wakeups_total", [("thread", name)]) { .count(signal.wakeUpCount) }
        }
        for task in replica.maintenance.tasks.map(\.statistics) {
            let name = [("task", task.name)]
            registry.observe(.counter, "purser_maintenance_portions_total", name) { .count(task.portions) }
            registry.observe(.counter, "purser_maintenance_failures_total", name) { .count(task.failures) }
            registry.observe(.counter, "purser_maintenance_rows_total", name) { .count(task.rows) }
            registry.observe(.counter, "purser_maintenance_seconds_total", name) { .duration(task.spent) }
        }
        registry.observe(.counter, "purser_wakeups_total", [("thread", "alerts")]) { .count(alertSignal.wakeUpCount) }
    }

    func observe(_ connections: OpenConnections) {
        registry.observe(.gauge, "purser_http_connections") { .count(Int64(connections.count)) }
    }

    private static let help = [
        "purser_build_info": "Always 1; the label says which version runs.",
        "purser_price_book_info":
            "Always 1; the labels say which release of the price book is in force, and of which day.",
        "purser_price_book_date_seconds": "When the sources of the price book were read, in seconds since 1970.",
        "purser_priced_calls_ratio":
            "Of the calls of the last 31 days, the share that has a price; on the server that does the maintenance.",
        "purser_open_requests":
            "Requests for more of a budget that nobody has decided; on the server that does the maintenance.",
        "purser_verdicts_total": "Calls answered, by verdict and reason.",
        "purser_clamped_verdicts_total": "Those of them that held less output than was asked for, by verdict.",
        "purser_unsettled_calls":
            "Calls whose holds expired in the last 24 hours and that nobody settled; on the server that does the maintenance.",
        "purser_disputed_calls": "Refused usage that nobody has decided on (purser disputed list).",
        "purser_disputed_usd": "What this usage costs, in US dollars.",
        "purser_unsettled_usd": "What these calls cost at the most, in US dollars.",
        "purser_unpriced_calls_total": "Calls recorded here that had no price.",
        "purser_usage_warnings_total": "Reports of calls that were recorded here with a warning, by its code.",
        "purser_http_requests_total": "HTTP requests answered, by route and status.",
        "purser_http_request_seconds": "Time to answer an HTTP request, by route.",
        "purser_http_connections": "Open connections.",
        "purser_http_connections_refused_total": "Connections refused, because there were as many as may be.",
        "purser_http_connections_timed_out_total":
            "Connections ended by a limit of time: idle, a request that came slowly, an answer nobody took.",
        "purser_open_holds": "Calls authorized here and not yet settled, voided or expired.",
        "purser_windows_in_memory": "Windows of budgets, and of their values, that this server has in memory.",
        "purser_waiting_calls": "Calls that wait for money that is held.",
        "purser_waiting_settlements": "Settlements queued for the next commit.",
        "purser_database_reachable": "Whether the last heartbeat reached PostgreSQL.",
        "purser_fenced": "Whether this replica must not spend from hard budgets.",
        "purser_configuration_version": "The configuration this replica acts on.",
        "purser_configuration_load_failures": "How often in a row a newer configuration could not be loaded.",
        "purser_unreadable_budgets": "Budgets that this version cannot read; it refuses every call in their scope.",
        "purser_verdict_log_dropped_calls":
            "Calls that the verdict log lacks, because it waited too long for the database.",
        "purser_maintenance_leader": "Whether this replica does the maintenance of the shared database.",
        "purser_maintenance_portions_total": "Portions of maintenance that were tried, by task.",
        "purser_maintenance_failures_total": "Portions of maintenance that failed; they are tried again.",
        "purser_maintenance_rows_total": "Rows that maintenance has dealt with, by task.",
        "purser_maintenance_seconds_total": "How long maintenance took, by task.",
        "purser_database_statements_total": "Statements sent to PostgreSQL, by the sessions that sent them.",
        "purser_database_pool_jobs_total": "Look-ups, changes, and lists and reports that got a session of their pool.",
        "purser_database_pool_wait_seconds_total": "How long all of these waited for a session.",
        "purser_database_pool_refusals_total": "Those that got no session in time.",
        "purser_database_pool_cancellations_total": "Lists and reports whose client went away.",
        "purser_wakeups_total": "How often a thread that waits for work woke up, with or without any.",
    ]

    func count(_ verdict: Verdict) {
        if verdict.isClamped { clamped[verdict.kind]?.increment() }
        switch (verdict.kind, verdict.reason?.code) {
        case (.admit, _): admits.increment()
        case (.downgrade, let reason?): downgrades[reason]?.increment()
        case (.deny, let reason?): denials[reason]?.increment()
        case (.downgrade, nil), (.deny, nil): break
        }
    }

    func countRefusedConnection() { refusedConnections.increment() }

    func countConnectionEnd(by limit: ConnectionClock.Limit) { endedConnections[limit]?.increment() }

    func countUnpriced() { unpriced.increment() }

    func count(_ warning: CallWarning.Code) { usageWarnings[warning]?.increment() }

    func series(of route: String) -> RouteSeries { routes.series(of: route) }

    func text(_ status: Replica.Status) -> String {
        gauge("purser_open_holds", Int64(status.openHolds))
        gauge("purser_windows_in_memory", Int64(status.windowsInMemory))
        gauge("purser_waiting_calls", Int64(status.waitingCalls))
        gauge("purser_waiting_settlements", Int64(status.waitingSettlements))
        gauge("purser_database_reachable", status.isDatabaseReachable ? 1 : 0)
        gauge("purser_fenced", status.isFenced ? 1 : 0)
        gauge("purser_configuration_version", status.configurationVersion)
        gauge("purser_configuration_load_failures", Int64(status.failedLoads))
        gauge("purser_unreadable_budgets", Int64(status.unreadableBudgets))
        gauge("purser_verdict_log_dropped_calls", status.droppedLogCalls)
        gauge("purser_maintenance_leader", status.isMaintenanceLeader ? 1 : 0)
        return registry.text
    }

    private func gauge(_ name: String, _ value: Int64) {
        registry.makeRecorder(label: name, dimensions: [], aggregate: false).record(value)
    }
}
