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

    /// Every authorize call is answered within this time, with or without the database.
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

    /// Answers the caller with nil when the longest wait is over.
    func limitWait(of ticket: Int64) {
        Task {
            try? await Task.sleep(for: Self.longestWait)
            _ = give(ticket, nil)
        }
    }

    /// Answers a caller. Returns whether the caller was still waiting.
    func answer(_ answer: LeaseQueue.Answer) -> Bool { give(answer.ticket, answer.outcome) }

    private func give(_ ticket: Int64, _ outcome: AuthorizeOutcome?) -> Bool {
        guard let done = state.withLock({ $0.waiting.removeValue(forKey: ticket) }) else { return false }
        done(outcome)
        return true
    }
}
