import Accounting
import CoreMetrics
import Ledger
import Synchronization

/// What the office counts of itself; no team, model or amount is in it, because `/metrics` needs no token.
struct OfficeMetrics: Sendable {
    private let registry: PrometheusRegistry
    private let verdicts: [String: Counter]
    private let requests: RequestSeries

    init() {
        let registry = PrometheusRegistry(help: Self.help)
        self.registry = registry
        var verdicts: [String: Counter] = [:]
        for kind in ["admit", "downgrade", "deny"] {
            for reason in [""] + Reason.Code.allCases.map(\.rawValue) where (kind == "admit") == reason.isEmpty {
                verdicts[kind + reason] = Counter(
                    label: "purser_verdicts_total", dimensions: [("verdict", kind), ("reason", reason)],
                    factory: registry)
            }
        }
        self.verdicts = verdicts
        requests = RequestSeries(registry: registry)
    }

    private static let help = [
        "purser_verdicts_total": "Calls answered, by verdict and reason.",
        "purser_http_requests_total": "HTTP requests answered, by route and status.",
        "purser_http_request_seconds": "Time to answer an HTTP request, by route.",
        "purser_open_holds": "Calls authorized here and not yet settled, voided or expired.",
        "purser_waiting_settlements": "Settlements queued for the next commit.",
        "purser_database_reachable": "Whether the last heartbeat reached PostgreSQL.",
        "purser_fenced": "Whether this replica must not spend from hard budgets.",
        "purser_configuration_version": "The configuration this replica acts on.",
    ]

    func count(_ verdict: Verdict) {
        verdicts[verdict.kind.rawValue + (verdict.reason?.code.rawValue ?? "")]?.increment()
    }

    func countRequest(_ route: String, _ status: Int, _ duration: Duration) {
        requests.count(route, status, duration)
    }

    func text(_ status: Replica.Status) -> String {
        gauge("purser_open_holds", Int64(status.openHolds))
        gauge("purser_waiting_settlements", Int64(status.waitingSettlements))
        gauge("purser_database_reachable", status.isDatabaseReachable ? 1 : 0)
        gauge("purser_fenced", status.isFenced ? 1 : 0)
        gauge("purser_configuration_version", status.configurationVersion)
        return registry.text
    }

    private func gauge(_ name: String, _ value: Int64) {
        registry.makeRecorder(label: name, dimensions: [], aggregate: false).record(value)
    }
}

/// Counters and timers of routes, made once each.
private final class RequestSeries: Sendable {
    private struct Key: Hashable {
        let route: String
        let status: Int
    }

    private let registry: PrometheusRegistry
    private let series = Mutex<[Key: (counter: Counter, timer: Timer)]>([:])

    init(registry: PrometheusRegistry) { self.registry = registry }

    func count(_ route: String, _ status: Int, _ duration: Duration) {
        let (counter, timer) = series.withLock { series in
            let key = Key(route: route, status: status)
            if let known = series[key] { return known }
            let new = (
                Counter(
                    label: "purser_http_requests_total", dimensions: [("route", route), ("status", "\(status)")],
                    factory: registry),
                Timer(label: "purser_http_request_seconds", dimensions: [("route", route)], factory: registry)
            )
            series[key] = new
            return new
        }
        counter.increment()
        let (seconds, attoseconds) = duration.components
        timer.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
