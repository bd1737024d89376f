import Synchronization

/// Wakes one thread that has nothing to do. A ring while it is busy is kept, so none is lost.
package final class Doorbell: Sendable {
    private let isRung = Monitor(false)
    private let wakeUps = Atomic<Int64>(0)

    package init() {}

    package func ring() { isRung.withLock(wake: .one) { $0 = true } }

    /// Blocks until somebody rings or the time is over; for ever where there is none.
    package func wait(atMost duration: Duration? = nil) {
        _ = isRung.wait(until: duration.map { .now + $0 }) { isRung -> Bool? in
            defer { isRung = false }
            return isRung ? true : nil
        }
        wakeUps.wrappingAdd(1, ordering: .relaxed)
    }

    /// How often a wait has ended.
    package var wakeUpCount: Int64 { wakeUps.load(ordering: .relaxed) }
}
