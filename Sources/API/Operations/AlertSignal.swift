import Synchronization

/// The wake-up signal of the alert sender: it wakes the one waiting task when there may be something to deliver. A
/// signal that is raised while no task waits is remembered and ends the next wait at once.
final class AlertSignal: Sendable {
    private struct State {
        var isRaised = false
        var waiter: CheckedContinuation<Void, Never>?
        /// The number of the wait that began last.
        var begun = 0
        /// The number of the last wait that timed out or whose task was cancelled.
        var ended = 0
        var wakeUpCount: Int64 = 0
    }

    private let state = Mutex(State())

    /// How often a wait has ended.
    var wakeUpCount: Int64 { state.withLock { $0.wakeUpCount } }

    func raise() {
        let waiter = state.withLock { state in
            if state.waiter == nil { state.isRaised = true }
            return state.waiter.take()
        }
        waiter?.resume()
    }

    /// Returns when the signal is raised, or after `duration`, or when the task is cancelled.
    func wait(atMost duration: Duration) async {
        let number = state.withLock { state in
            state.begun += 1
            return state.begun
        }
        let timeout = Task {
            // A cancelled timeout belongs to a wait that is already over. It must not end the next wait.
            if (try? await Task.sleep(for: duration)) != nil { end(number) }
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isRaised || state.ended == number { return true }
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
            state.isRaised = false
            state.wakeUpCount += 1
        }
    }

    /// Ends the wait with this number, unless a later wait has begun.
    private func end(_ number: Int) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.begun == number else { return nil }
            state.ended = number
            return state.waiter.take()
        }
        waiter?.resume()
    }
}
