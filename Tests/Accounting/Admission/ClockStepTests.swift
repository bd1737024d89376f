import Testing

@testable import Accounting

/// A wall clock may be set right by any amount. What lasts for a time is measured by the clock that never jumps.
@Suite("A step of the wall clock") struct ClockStepTests {
    private let budget = EngineFixture.budget(limit: 10_000)

    private func stepped(_ step: Int64, after seconds: Int64) -> Moment {
        Moment(wall: Moment.after(seconds + step).wall, monotonicNanoseconds: seconds * 1_000_000_000)
    }

    private func engine() throws -> (LeaseStoreModel, AdmissionEngine, Hold) {
        var store = LeaseStoreModel([budget])
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([budget]))
        let hold = try #require(store.verdict(&engine, EngineFixture.call("r", tokens: 50, holdSeconds: 60))?.hold)
        return (store, engine, hold)
    }

    @Test("ends no hold early and none late", arguments: [-3600, -1, 0, 1, 3600])
    func holds(step: Int64) throws {
        var (_, engine, hold) = try engine()
        #expect(engine.beginExpiring(at: stepped(step, after: 59)).isEmpty)
        #expect(engine.beginExpiring(at: stepped(step, after: 60)).map(\.hold) == [hold])
    }

    @Test("lets a repeated request find its hold as long as it lasts", arguments: [-3600, 3600])
    func repeats(step: Int64) throws {
        var (store, engine, hold) = try engine()
        let call = EngineFixture.call("r", tokens: 50, holdSeconds: 60)
        #expect(store.verdict(&engine, call, at: stepped(step, after: 59))?.hold?.id == hold.id)
        #expect(store.verdict(&engine, call, at: stepped(step, after: 61))?.hold?.id != hold.id)
    }

    @Test("keeps no idle lease and returns none early", arguments: [-3600, 3600])
    func idle(step: Int64) throws {
        var (_, engine, _) = try engine()
        #expect(engine.takeIdle(at: stepped(step, after: 9), all: false).isEmpty)
        #expect(engine.takeIdle(at: stepped(step, after: 11), all: false).isEmpty == false)
    }

    @Test("changes nothing of what a handover says is left of a hold", arguments: [-3600, 3600])
    func handover(step: Int64) throws {
        let (_, engine, _) = try engine()
        #expect(engine.expiries(at: stepped(step, after: 20)).map(\.inMicroseconds) == [40_000_000])
    }

    @Test("changes nothing of when held money is said to return", arguments: [-3600, 3600])
    func retryAfter(step: Int64) throws {
        var (store, engine, _) = try engine()
        _ = store.verdict(&engine, EngineFixture.call("all", tokens: 950), at: .after(0))
        let reason = store.verdict(&engine, EngineFixture.call("s", tokens: 10), at: stepped(step, after: 20))?.reason
        #expect(reason?.code == .fundsHeld)
        #expect(reason?.retryAfterSeconds == 40)
    }
}
