import Accounting

/// A value as Prometheus reads it.
package enum Observation: Sendable, CustomStringConvertible {
    case count(Int64)
    case duration(Duration)
    case share(Double)
    /// In US dollars, exact.
    case money(Money)

    /// Durations in seconds.
    package var description: String {
        switch self {
        case .count(let count): "\(count)"
        case .duration(let duration): "\(duration / .seconds(1))"
        case .share(let share): "\(share)"
        case .money(let money): money.usd
        }
    }
}

extension PrometheusRegistry {
    /// One of the series of a metric.
    package struct Labelled: Sendable {
        let labels: [(String, String)]
        let value: Observation

        package init(_ labels: [(String, String)], _ value: Observation) {
            (self.labels, self.value) = (labels, value)
        }

        package init(_ value: Observation) { self.init([], value) }
    }
}
