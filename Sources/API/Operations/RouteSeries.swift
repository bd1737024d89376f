import CoreMetrics
import Synchronization

/// The request metrics of one route: counters by status, and a timer.
final class RouteSeries: Sendable {
    private let route: String
    private let registry: PrometheusRegistry
    private let timer: Timer
    private let ok: Counter
    private let others = Mutex<[Int: Counter]>([:])

    init(route: String, registry: PrometheusRegistry) {
        self.route = route
        self.registry = registry
        timer = Timer(label: "purser_http_request_seconds", dimensions: [("route", route)], factory: registry)
        ok = Self.counter(route, 200, registry)
    }

    func count(_ status: Int, nanoseconds: Int64) {
        if status == 200 { ok.increment() } else { counter(of: status).increment() }
        timer.recordNanoseconds(nanoseconds)
    }

    private func counter(of status: Int) -> Counter {
        others.withLock { counters in
            if let known = counters[status] { return known }
            let new = Self.counter(route, status, registry)
            counters[status] = new
            return new
        }
    }

    private static func counter(_ route: String, _ status: Int, _ registry: PrometheusRegistry) -> Counter {
        Counter(
            label: "purser_http_requests_total", dimensions: [("route", route), ("status", "\(status)")],
            factory: registry)
    }
}

/// The request metrics of all routes. Those of each route are made once.
final class AllRouteSeries: Sendable {
    private let registry: PrometheusRegistry
    private let series = Mutex<[String: RouteSeries]>([:])

    init(registry: PrometheusRegistry) { self.registry = registry }

    func series(of route: String) -> RouteSeries {
        series.withLock { series in
            if let known = series[route] { return known }
            let new = RouteSeries(route: route, registry: registry)
            series[route] = new
            return new
        }
    }
}
