import CoreMetrics
import Synchronization

final class PrometheusCounter: CounterHandler {
    private let count = Atomic<Int64>(0)

    var value: Int64 { count.load(ordering: .relaxed) }

    func increment(by amount: Int64) { count.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { count.store(0, ordering: .relaxed) }
}

/// The last value that was recorded; whole numbers only.
final class PrometheusGauge: RecorderHandler {
    private let last = Atomic<Int64>(0)

    var value: Int64 { last.load(ordering: .relaxed) }

    func record(_ value: Int64) { last.store(value, ordering: .relaxed) }
    func record(_ value: Double) { last.store(Int64(value), ordering: .relaxed) }
}

/// Counts durations in buckets by their upper bounds.
final class PrometheusHistogram: TimerHandler {
    private static let bounds: [(nanoseconds: Int64, text: String)] = [
        (100_000, "0.0001"), (250_000, "0.00025"), (500_000, "0.0005"), (1_000_000, "0.001"), (2_500_000, "0.0025"),
        (5_000_000, "0.005"), (10_000_000, "0.01"), (50_000_000, "0.05"), (250_000_000, "0.25"),
        (1_000_000_000, "1"), (5_000_000_000, "5"),
    ]

    private struct State {
        var counts = [Int64](repeating: 0, count: bounds.count)
        var count: Int64 = 0
        var sumNanoseconds: Int64 = 0
    }

    private let state = Mutex(State())

    func recordNanoseconds(_ duration: Int64) {
        let bucket = Self.bounds.firstIndex { duration <= $0.nanoseconds }
        state.withLock { state in
            if let bucket { state.counts[bucket] += 1 }
            state.count += 1
            state.sumNanoseconds += duration
        }
    }

    func lines(_ key: PrometheusRegistry.Key) -> String {
        let state = state.withLock { $0 }
        let prefix = key.labels.isEmpty ? "" : key.labels + ","
        let labels = key.labels.isEmpty ? "" : "{\(key.labels)}"
        var text = ""
        var cumulative: Int64 = 0
        for (bound, count) in zip(Self.bounds, state.counts) {
            cumulative += count
            text += "\(key.name)_bucket{\(prefix)le=\"\(bound.text)\"} \(cumulative)\n"
        }
        text += "\(key.name)_bucket{\(prefix)le=\"+Inf\"} \(state.count)\n"
        let seconds = Double(state.sumNanoseconds) / 1e9
        return text + "\(key.name)_sum\(labels) \(seconds)\n\(key.name)_count\(labels) \(state.count)\n"
    }
}
