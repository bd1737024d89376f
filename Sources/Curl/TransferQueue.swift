import Dispatch
import Foundation
import Synchronization

/// Requests that wait for one of a few threads. A thread starts when it is first needed. libcurl blocks, so it never
/// runs on the threads that Swift's tasks share.
final class TransferQueue: Sendable {
    private struct State {
        var waiting: [Transfer] = []
        var threads = 0
        var idleThreads = 0
    }

    private let userAgent: String
    private let maxThreads: Int
    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)

    init(userAgent: String, maxThreads: Int) {
        self.userAgent = userAgent
        self.maxThreads = maxThreads
    }

    func add(_ transfer: Transfer) {
        let needsThread = state.withLock { state in
            state.waiting.append(transfer)
            guard state.waiting.count > state.idleThreads, state.threads < maxThreads else { return false }
            state.threads += 1
            return true
        }
        if needsThread {
            Thread.detachNewThread { [self] in run() }
        }
        wake.signal()
    }

    /// Call it once, last. Each thread ends when it is woken and finds nothing waiting.
    func close() {
        for _ in 0..<state.withLock(\.threads) { wake.signal() }
    }

    private func run() {
        let handle = EasyHandle(userAgent: userAgent)
        state.withLock { $0.idleThreads += 1 }
        while true {
            wake.wait()
            let next = state.withLock { state -> Transfer? in
                guard !state.waiting.isEmpty else { return nil }
                state.idleThreads -= 1
                return state.waiting.removeFirst()
            }
            guard let next else { break }
            let result = handle.perform(next)
            // Becomes idle before it delivers the result, so that a caller that sends again at once gets this thread
            // and its connection.
            state.withLock { $0.idleThreads += 1 }
            next.finish(result)
        }
    }
}
