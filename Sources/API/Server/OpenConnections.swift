import Logging
import Synchronization

/// Counts the open connections, and those that were refused or ran out of time.
final class OpenConnections: Sendable {
    let limits: ConnectionLimits
    private let metrics: ServerMetrics
    private let open = Atomic(0)

    init(_ limits: ConnectionLimits, metrics: ServerMetrics) {
        self.limits = limits
        self.metrics = metrics
        metrics.observe(self)
    }

    var count: Int { open.load(ordering: .relaxed) }

    /// Counts a new connection; false if it is one too many. Each counted connection must `leave`.
    func enter() -> Bool {
        if open.add(1, ordering: .relaxed).newValue <= limits.maximumConnections { return true }
        leave()
        metrics.countRefusedConnection()
        return false
    }

    func leave() { open.subtract(1, ordering: .relaxed) }

    func countEnd(by limit: ConnectionClock.Limit) { metrics.countConnectionEnd(by: limit) }
}
