import NIOCore
import Testing

@testable import API

@Suite struct ConnectionClockTests {
    private static let limits = ConnectionLimits(idleSeconds: 75, requestSeconds: 30, maximumConnections: 1)
    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private static func at(_ seconds: Int64) -> NIODeadline { start + .seconds(seconds) }

    private static func wait(until seconds: Int64) -> ConnectionClock.Check { .wait(until: at(seconds)) }

    private static func check(
        _ clock: inout ConnectionClock, at seconds: Int64, isReading: Bool = true, isAnswering: Bool = false,
        unsentBytes: Int = 0
    ) -> ConnectionClock.Check {
        clock.check(at: at(seconds), isReading: isReading, isAnswering: isAnswering, unsentBytes: unsentBytes)
    }

    @Test("a connection without a request ends at the idle limit, and not before")
    func idle() {
        var clock = ConnectionClock(Self.limits, at: Self.start)
        #expect(Self.check(&clock, at: 0) == Self.wait(until: 30))
        #expect(Self.check(&clock, at: 60) == Self.wait(until: 75))
        #expect(Self.check(&clock, at: 75) == .over(.idle))
        clock.beginRequest(at: Self.at(75))
        clock.endRequest()
        #expect(Self.check(&clock, at: 400, isAnswering: true) == Self.wait(until: 430))
        clock.endAnswer(at: Self.at(400))
        #expect(Self.check(&clock, at: 474) == Self.wait(until: 475))
        #expect(Self.check(&clock, at: 475) == .over(.idle))
    }

    @Test("a request has its time, and more of it the more of its body has come")
    func request() {
        var clock = ConnectionClock(Self.limits, at: Self.start)
        clock.beginRequest(at: Self.at(10))
        #expect(Self.check(&clock, at: 39) == Self.wait(until: 40))
        #expect(Self.check(&clock, at: 40) == .over(.request))
        clock.takeBody(640 << 10)
        #expect(Self.check(&clock, at: 40) == Self.wait(until: 50))
        #expect(Self.check(&clock, at: 50) == .over(.request))
    }

    @Test("while the server does not read, a client is not late")
    func withheldReads() {
        var clock = ConnectionClock(Self.limits, at: Self.start)
        clock.beginRequest(at: Self.start)
        #expect(Self.check(&clock, at: 30, isReading: false) == Self.wait(until: 60))
        #expect(Self.check(&clock, at: 59) == Self.wait(until: 60))
        #expect(Self.check(&clock, at: 60) == .over(.request))
    }

    @Test("an answer of which nothing is taken ends the connection, even while nothing is read")
    func answer() {
        var clock = ConnectionClock(Self.limits, at: Self.start)
        clock.beginRequest(at: Self.start)
        #expect(Self.check(&clock, at: 10, isReading: false, unsentBytes: 900) == Self.wait(until: 40))
        #expect(Self.check(&clock, at: 80, isReading: false, unsentBytes: 800) == Self.wait(until: 110))
        #expect(Self.check(&clock, at: 154, isReading: false, unsentBytes: 800) == Self.wait(until: 155))
        #expect(Self.check(&clock, at: 155, isReading: false, unsentBytes: 800) == .over(.answer))
    }

    @Test("a client that takes one answer after the other is not late, though as much as before is on its way")
    func busy() {
        for write in [{ $0.endAnswer(at: Self.at(74)) }, { $0.write() }] as [(inout ConnectionClock) -> Void] {
            var clock = ConnectionClock(Self.limits, at: Self.start)
            #expect(Self.check(&clock, at: 0, isAnswering: true, unsentBytes: 382) == Self.wait(until: 30))
            write(&clock)
            #expect(Self.check(&clock, at: 75, isAnswering: true, unsentBytes: 382) == Self.wait(until: 105))
            #expect(Self.check(&clock, at: 150, isAnswering: true, unsentBytes: 382) == .over(.answer))
        }
    }
}
