import Accounting
import Synchronization

/// The answer a caller waits for: given once, by whoever is first.
final class PendingVerdict: Sendable {
    private let continuation: Mutex<CheckedContinuation<AuthorizeOutcome?, Never>?>

    init(_ continuation: CheckedContinuation<AuthorizeOutcome?, Never>) { self.continuation = Mutex(continuation) }

    var isGiven: Bool { continuation.withLock { $0 == nil } }

    /// Whether this was the answer.
    @discardableResult func give(_ outcome: AuthorizeOutcome?) -> Bool {
        let waiting = continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }
        waiting?.resume(returning: outcome)
        return waiting != nil
    }

    /// Gives nil at `deadline`, however long the database is silent.
    func giveUp(at deadline: ContinuousClock.Instant) {
        Task {
            try? await Task.sleep(until: deadline)
            give(nil)
        }
    }
}
