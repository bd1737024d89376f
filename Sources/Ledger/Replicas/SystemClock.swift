import Accounting
import Glibc

/// The clocks of this machine.
package enum SystemClock {
    /// The time on both clocks. The monotonic clock also runs while the machine is suspended.
    package static func now() -> Moment {
        Moment(wall: wallTime(), monotonicNanoseconds: monotonicNanoseconds())
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
