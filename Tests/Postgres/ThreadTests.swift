import Postgres
import Testing

@Suite struct ThreadTests {
    @Test("a thread can be waited for, also once it has ended") func ended() async {
        let monitor = Monitor(0)
        let thread = DedicatedThread(name: "a name longer than Linux has room for") {
            _ = monitor.wait { $0 == 1 ? true : nil }
            monitor.withLock { $0 = 2 }
        }
        monitor.withLock { $0 = 1 }
        await thread.ended()
        #expect(monitor.withLock { $0 } == 2)
        thread.join()
        await thread.ended()
    }

    @Test("a wait ends at its deadline, or when there is what it waits for") func monitor() {
        let monitor = Monitor<Int?>(nil)
        let started = ContinuousClock.now
        #expect(monitor.wait(until: started + .milliseconds(50)) { $0 } == nil)
        #expect(ContinuousClock.now - started >= .milliseconds(50))
        monitor.withLock { $0 = 7 }
        #expect(monitor.wait { $0 } == 7)
    }
}
