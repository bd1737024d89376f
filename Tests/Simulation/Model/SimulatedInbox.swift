import Ledger
import Synchronization

/// The writer's answers to callers. The writer may answer on any thread; in the simulation there is only one.
final class SimulatedInbox: Sendable {
    private let results = Mutex<[(ticket: Int64, result: Result<LedgerOutcome, LedgerFailure>)]>([])

    func put(_ ticket: Int64, _ result: Result<LedgerOutcome, LedgerFailure>) {
        results.withLock { $0.append((ticket, result)) }
    }

    func take() -> [(ticket: Int64, result: Result<LedgerOutcome, LedgerFailure>)] {
        results.withLock { results in
            defer { results = [] }
            return results
        }
    }
}
