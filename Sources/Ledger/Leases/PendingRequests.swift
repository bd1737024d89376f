import Accounting
import Synchronization

/// Callers that wait for a verdict, by ticket. Each is answered once, by whichever comes first: the grant batch that
/// decides the call, or the end of its wait.
final class PendingRequests: Sendable {
    typealias Done = @Sendable (AuthorizeOutcome?) -> Void

    private struct State {
        var lastTicket: Int64 = 0
        var waiting: [Int64: Done] = [:]
    }

    /// Every authorize call is answered within this time, with or without the database, beside the time for which it
    /// says that it waits.
    private static let longestWait = Duration.milliseconds(250)

    private let state = Mutex(State())

    /// Returns a new ticket. Its caller can be answered from now on.
    func nextTicket(_ done: @escaping Done) -> Int64 {
        state.withLock { state in
            state.lastTicket += 1
            state.waiting[state.lastTicket] = done
            return state.lastTicket
        }
    }

    /// Calls `endWaits` when the caller has waited for as long as it says, and answers it with nil when the longest wait
    /// is over too.
    func limitWait(of ticket: Int64, milliseconds: Int64, endWaits: @escaping @Sendable () -> Void) {
        Task {
            let wait = Duration.milliseconds(milliseconds)
            let first = milliseconds > 0 ? min(wait, Self.longestWait) : Self.longestWait
            try? await Task.sleep(for: first)
            // Nearly all are answered by now, so that no task sleeps for as long as each would have waited.
            guard isWaiting(ticket) else { return }
            if milliseconds > 0 {
                try? await Task.sleep(for: wait - first)
                endWaits()
                try? await Task.sleep(for: Self.longestWait)
            }
            _ = give(ticket, nil)
        }
    }

    /// Answers a caller. If its wait has ended before, the hold that the answer made is removed.
    func answer(_ answer: LeaseQueue.Answer, _ core: LockedCore) {
        if !give(answer.ticket, answer.outcome), let hold = answer.madeHold { core.withLock { $0.discard(hold) } }
    }

    /// Forgets a caller. What would answer it finds nobody.
    func forget(_ ticket: Int64) { state.withLock { state in state.waiting[ticket] = nil } }

    private func isWaiting(_ ticket: Int64) -> Bool { state.withLock { $0.waiting[ticket] != nil } }

    private func give(_ ticket: Int64, _ outcome: AuthorizeOutcome?) -> Bool {
        guard let done = state.withLock({ $0.waiting.removeValue(forKey: ticket) }) else { return false }
        done(outcome)
        return true
    }
}
