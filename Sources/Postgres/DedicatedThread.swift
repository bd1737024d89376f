import Glibc

/// A thread for work that blocks. Such work must not run on Swift's cooperative threads.
package final class DedicatedThread: Sendable {
    private struct State {
        var hasEnded = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Monitor(State())

    /// Starts the thread at once. It ends when `body` returns. Linux shows the first 15 bytes of the name.
    package init(name: String, _ body: @escaping @Sendable () -> Void) {
        let state = state
        let start = StartOfThread(name: name) {
            body()
            let waiters = state.withLock { state in
                state.hasEnded = true
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.resume() }
        }
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let start = Unmanaged<StartOfThread>.fromOpaque(context).takeRetainedValue()
                start.run()
                return nil
            }, Unmanaged.passRetained(start).toOpaque())
        precondition(result == 0, "no thread could be started: \(String(cString: strerror(result)))")
        pthread_detach(thread)
    }

    /// Blocks until the thread has ended. A cooperative thread must not call this; it awaits `ended()` instead.
    package func join() { _ = state.wait { $0.hasEnded ? true : nil } }

    /// Returns when the thread has ended.
    package func ended() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.waiters.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }
}

private final class StartOfThread {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }

    func run() {
        // The name is only for `ps` and debuggers; nothing depends on it.
        if let file = fopen("/proc/thread-self/comm", "w") {
            fputs(name, file)
            fclose(file)
        }
        body()
    }
}
