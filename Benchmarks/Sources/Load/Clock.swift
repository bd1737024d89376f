import Glibc

enum Clock {
    static var nanoseconds: Int64 { read(CLOCK_MONOTONIC) }

    static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        guard clock_gettime(clock, &time) == 0 else { return 0 }
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    static func sleep(until end: Int64) {
        var time = timespec(tv_sec: Int(end / 1_000_000_000), tv_nsec: Int(end % 1_000_000_000))
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
    }
}

/// The processor time of a process, user and system together; always 0 if no process was given or found.
struct ProcessorClock {
    private var clock: clockid_t?

    init(processID: pid_t) {
        var found = clockid_t()
        if processID != 0, clock_getcpuclockid(processID, &found) == 0 { clock = found }
    }

    var nanoseconds: Int64 { clock.map(Clock.read) ?? 0 }
}
