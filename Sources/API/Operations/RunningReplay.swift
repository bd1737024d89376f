import Finance
import ServiceLifecycle
import Synchronization

/// The replay that a server runs: one at a time, because each takes a whole core. The server does not wait for it to end.
final class RunningReplay: Service {
    typealias Run = Task<ReplayRun.Outcome, any Error>

    private struct State {
        var run: Run?
        var isEnding = false
    }

    private let state = Mutex(State())

    /// Nil where another replay runs, or the server ends.
    func begin(_ body: @escaping @Sendable () async throws -> ReplayRun.Outcome) -> Run? {
        state.withLock { state in
            guard state.run == nil, !state.isEnding else { return nil }
            let run = Run { [self] in
                defer { self.state.withLock { $0.run = nil } }
                return try await body()
            }
            state.run = run
            return run
        }
    }

    func run() async throws {
        try? await gracefulShutdown()
        let run = state.withLock { state in
            state.isEnding = true
            return state.run
        }
        run?.cancel()
    }
}
