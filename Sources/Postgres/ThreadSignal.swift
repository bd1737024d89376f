import Synchronization

/// Wakes one waiting thread. A signal that is raised while the thread is busy is kept for its next wait.
package final class ThreadSignal: Sendable {
    private let isRaised = Monitor(false)
    private let wakeUps = Atomic<Int64>(0)

    package init() {}

    package func raise() { isRaised.withLock(wake: .one) { $0 = true } }

    /// Blocks until the signal is raised or the time is over; without a duration, until the signal is raised.
    package func wait(atMost duration: Duration? = nil) {
        _ = isRaised.wait(until: duration.map { .now + $0 }) { isRaised -> Bool? in
            defer { isRaised = false }
            return isRaised ? true : nil
        }
        wakeUps.wrappingAdd(1, ordering: .relaxed)
    }

    /// How often a wait has ended.
    package var wakeUpCount: Int64 { wakeUps.load(ordering: .relaxed) }
}
