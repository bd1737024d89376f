import Synchronization

/// Wakes one waiter when there may be something to deliver; rung while nobody waits, it is remembered.
final class AlertBell: Sendable {
    private struct State {
        var isRung = false
        var waiter: CheckedContinuation<Void, Never>?
        /// The number of the wait that began last.
        var begun = 0
        /// The number of the last wait whose time was over, or whose task was cancelled.
        var ended = 0
        var wakeUpCount: Int64 = 0
    }

    private let state = Mutex(State())

    /// How often a wait has ended.
    var wakeUpCount: Int64 { state.withLock { $0.wakeUpCount } }

    func ring() {
        let waiter = state.withLock { state in
            if state.waiter == nil { state.isRung = true }
            return state.waiter.take()
        }
        waiter?.resume()
    }

    /// Returns when it rings, or after `duration`, or when the task is cancelled.
    func wait(atMost duration: Duration) async {
        let number = state.withLock { state in
            state.begun += 1
            return state.begun
        }
        let timeout = Task {
            // A timeout that is cancelled comes from a wait that is over: it must not end the next.
            if (try? await Task.sleep(for: duration)) != nil { end(number) }
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isRung || state.ended == number { return true }
                    state.waiter = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            end(number)
        }
        timeout.cancel()
        state.withLock { state in
            state.isRung = false
            state.wakeUpCount += 1
        }
    }

    /// Ends the wait of that number, if it is the one under way.
    private func end(_ number: Int) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.begun == number else { return nil }
            state.ended = number
            return state.waiter.take()
        }
        waiter?.resume()
    }
}
