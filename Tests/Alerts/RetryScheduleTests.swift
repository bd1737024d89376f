import Alerts
import Testing

struct RetryScheduleTests {
    @Test("delays grow from seconds to a day, then the message is given up")
    func standard() {
        let delays = (1...11).map { RetrySchedule.standard.delaySeconds(afterAttempt: $0, jitter: 0) }
        #expect(delays == [5, 30, 120, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, nil])
        #expect(RetrySchedule.standard.delaySeconds(afterAttempt: 0, jitter: 0) == nil)
    }

    @Test(
        "jitter adds up to a fifth and takes nothing away",
        arguments: [(0.0, 600), (0.5, 660), (1, 720), (9, 720), (-1, 600)])
    func jitter(_ jitter: Double, _ seconds: Int) {
        #expect(RetrySchedule.standard.delaySeconds(afterAttempt: 4, jitter: jitter) == seconds)
    }

    @Test(
        "a receiver may ask for more time, up to a day, and never for less",
        arguments: [(nil, 30), (10, 30), (45, 45), (1_000_000, 86_400)] as [(Int?, Int)])
    func retryAfter(_ asked: Int?, _ seconds: Int) {
        let schedule = RetrySchedule.standard
        #expect(schedule.delaySeconds(afterAttempt: 2, retryAfterSeconds: asked, jitter: 0) == seconds)
    }

    @Test("another first delay scales the rest")
    func firstDelay() {
        #expect(RetrySchedule(firstDelaySeconds: 5) == .standard)
        #expect(RetrySchedule(firstDelaySeconds: 1).delaysSeconds.prefix(4) == [1, 6, 24, 120])
        #expect(RetrySchedule(firstDelaySeconds: 0).delaysSeconds == Array(repeating: 0, count: 10))
        #expect(RetrySchedule(firstDelaySeconds: 1_000_000).delaysSeconds.allSatisfy { $0 == 86_400 })
    }
}
