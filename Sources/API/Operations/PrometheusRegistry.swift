import CoreMetrics
import Synchronization

/// Collects the metrics that swift-metrics reports, and writes them in the Prometheus text format.
package final class PrometheusRegistry: MetricsFactory, Sendable {
    private let series = Mutex<[Key: Series]>([:])
    private let help: [String: String]

    struct Key: Hashable, Comparable {
        let name: String
        /// The labels as they are written between the braces, with their values escaped.
        let labels: String

        init(_ name: String, _ dimensions: [(String, String)]) {
            self.name = name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? String($0) : "_" }.joined()
            labels = dimensions.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
        }

        private static func escaped(_ value: String) -> String {
            value.map { character in
                switch character {
                case "\\": "\\\\"
                case "\"": "\\\""
                case "\n": "\\n"
                default: String(character)
                }
            }.joined()
        }

        static func < (left: Key, right: Key) -> Bool { (left.name, left.labels) < (right.name, right.labels) }
    }

    enum Series {
        case counter(PrometheusCounter)
        case gauge(PrometheusGauge)
        case histogram(PrometheusHistogram)
        /// A value that is counted elsewhere. The closure reads it whenever the metrics are written.
        case observed(Observed, @Sendable () -> Observation)
        /// A value that may be absent, or whose labels change: as many lines as the closure returns.
        case optional(Observed, @Sendable () -> [Labelled])
    }

    package enum Observed: String, Sendable { case counter, gauge }

    /// `help` maps the names of metrics, as Prometheus sees them, to their help texts.
    package init(help: [String: String]) { self.help = help }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        find(label, dimensions, { Series.counter(PrometheusCounter()) }) {
            if case .counter(let counter) = $0 { counter } else { nil }
        }
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        find(label, dimensions, { Series.gauge(PrometheusGauge()) }) {
            if case .gauge(let gauge) = $0 { gauge } else { nil }
        }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        find(label, dimensions, { Series.histogram(PrometheusHistogram()) }) {
            if case .histogram(let histogram) = $0 { histogram } else { nil }
        }
    }

    /// Adds a series whose value `read` returns.
    package func observe(
        _ kind: Observed, _ label: String, _ dimensions: [(String, String)] = [],
        _ read: @escaping @Sendable () -> Observation
    ) {
        series.withLock { $0[Key(label, dimensions)] = .observed(kind, read) }
    }

    /// Adds a metric with the series that `read` returns, which may be none.
    package func observeAny(
        _ kind: Observed, _ label: String, _ read: @escaping @Sendable () -> [Labelled]
    ) {
        series.withLock { $0[Key(label, [])] = .optional(kind, read) }
    }

    // Series are never removed, because their labels have few and fixed values.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    private func find<Handler>(
        _ label: String, _ dimensions: [(String, String)], _ make: () -> Series, _ unwrap: (Series) -> Handler?
    ) -> Handler {
        let key = Key(label, dimensions)
        let found = series.withLock { series in
            if let known = series[key] { return known }
            let new = make()
            series[key] = new
            return new
        }
        guard let handler = unwrap(found) else { preconditionFailure("\(label) is reported as two kinds of metric") }
        return handler
    }

    /// All metrics in the Prometheus text format.
    package var text: String {
        let all = series.withLock { $0 }.sorted { $0.key < $1.key }
        var text = ""
        var lastName: String?
        for (key, series) in all {
            let lines = series.lines(key)
            if lines.isEmpty { continue }
            if key.name != lastName {
                lastName = key.name
                if let help = help[key.name] { text += "# HELP \(key.name) \(help)\n" }
                text += "# TYPE \(key.name) \(series.type)\n"
            }
            text += lines
        }
        return text
    }
}

extension PrometheusRegistry.Series {
    var type: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        case .observed(let kind, _), .optional(let kind, _): kind.rawValue
        }
    }

    func lines(_ key: PrometheusRegistry.Key) -> String {
        let labels = key.labels.isEmpty ? "" : "{\(key.labels)}"
        switch self {
        case .counter(let counter): return "\(key.name)\(labels) \(counter.value)\n"
        case .gauge(let gauge): return "\(key.name)\(labels) \(gauge.value)\n"
        case .histogram(let histogram): return histogram.lines(key)
        case .observed(_, let read): return "\(key.name)\(labels) \(read())\n"
        case .optional(_, let read):
            return read().map { sample in
                let labels = PrometheusRegistry.Key(key.name, sample.labels).labels
                return "\(key.name)\(labels.isEmpty ? "" : "{\(labels)}") \(sample.value)\n"
            }.joined()
        }
    }
}
