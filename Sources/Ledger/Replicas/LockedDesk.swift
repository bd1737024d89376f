import Accounting
import Glibc
import Synchronization

/// The desk of this replica behind its lock, and the clocks it is told the time by.
package final class LockedDesk: Sendable {
    package let replicaID: Int64
    private let desk: Mutex<Desk>

    package init(_ desk: Desk) {
        replicaID = desk.replicaID
        self.desk = Mutex(desk)
    }

    package func withLock<Result>(_ body: (inout Desk) -> sending Result) -> sending Result {
        desk.withLock { (desk: inout Desk) -> sending Result in body(&desk) }
    }

    /// The time on both clocks; the monotonic one goes on while the machine sleeps.
    package func now() -> Moment {
        Moment(wall: Self.wallTime(), monotonicNanoseconds: Self.monotonicNanoseconds())
    }

    package static func wallTime() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }

    package static func monotonicNanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
