import Accounting
import Synchronization

/// Callers that wait for their call to be judged, by ticket. Each is answered once, by whoever is first: the round that
/// got its money, or the end of its patience.
final class WaitingRoom: Sendable {
    private struct State {
        var lastTicket: Int64 = 0
        var waiting: [Int64: CheckedContinuation<AuthorizeOutcome?, Never>] = [:]
        /// Answers that came before their caller had sat down.
        var early: [Int64: AuthorizeOutcome?] = [:]
        var expected: Set<Int64> = []
    }

    /// An authorize is answered by then, with or without the database.
    private static let longestWait = Duration.milliseconds(250)

    private let state = Mutex(State())

    /// A ticket that nobody has had.
    func nextTicket(_ ticket: inout Int64?) -> Int64 {
        state.withLock { state in
            state.lastTicket += 1
            state.expected.insert(state.lastTicket)
            ticket = state.lastTicket
            return state.lastTicket
        }
    }

    /// Waits under a ticket. Nil: there was no answer in time.
    func wait(_ ticket: Int64) async -> AuthorizeOutcome? {
        await withCheckedContinuation { continuation in
            let early = state.withLock { state -> AuthorizeOutcome?? in
                if let early = state.early.removeValue(forKey: ticket) { return .some(early) }
                state.waiting[ticket] = continuation
                return nil
            }
            if let early {
                continuation.resume(returning: early)
                return
            }
            Task {
                try? await Task.sleep(for: Self.longestWait)
                _ = give(ticket, nil)
            }
        }
    }

    /// Whether somebody took the answer.
    func answer(_ answer: LeaseQueue.Answer) -> Bool { give(answer.ticket, answer.outcome) }

    private func give(_ ticket: Int64, _ outcome: AuthorizeOutcome?) -> Bool {
        let (isTaken, continuation) = state.withLock {
            state -> (Bool, CheckedContinuation<AuthorizeOutcome?, Never>?) in
            guard state.expected.remove(ticket) != nil else { return (false, nil) }
            if let waiting = state.waiting.removeValue(forKey: ticket) { return (true, waiting) }
            state.early[ticket] = .some(outcome)
            return (true, nil)
        }
        continuation?.resume(returning: outcome)
        return isTaken
    }
}
