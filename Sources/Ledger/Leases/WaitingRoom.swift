import Accounting
import Synchronization

/// Callers that wait for their call to be judged, by ticket. Each is answered once, by whoever is first: the round that
/// got its money, or the end of its patience.
final class WaitingRoom: Sendable {
    typealias Done = @Sendable (AuthorizeOutcome?) -> Void

    private struct State {
        var lastTicket: Int64 = 0
        var waiting: [Int64: Done] = [:]
    }

    /// An authorize is answered by then, with or without the database.
    private static let longestWait = Duration.milliseconds(250)

    private let state = Mutex(State())

    /// A ticket that nobody has had. Its caller can be answered from now on.
    func nextTicket(_ done: @escaping Done) -> Int64 {
        state.withLock { state in
            state.lastTicket += 1
            state.waiting[state.lastTicket] = done
            return state.lastTicket
        }
    }

    /// Ends the wait when it has been long enough, with nil.
    func limitWait(of ticket: Int64) {
        Task {
            try? await Task.sleep(for: Self.longestWait)
            _ = give(ticket, nil)
        }
    }

    /// Whether somebody took the answer.
    func answer(_ answer: LeaseQueue.Answer) -> Bool { give(answer.ticket, answer.outcome) }

    private func give(_ ticket: Int64, _ outcome: AuthorizeOutcome?) -> Bool {
        guard let done = state.withLock({ $0.waiting.removeValue(forKey: ticket) }) else { return false }
        done(outcome)
        return true
    }
}
