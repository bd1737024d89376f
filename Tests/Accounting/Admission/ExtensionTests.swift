import Testing

@testable import Accounting

@Suite("An open hold with more time") struct ExtensionTests {
    private func held() throws -> (engine: AdmissionEngine, hold: Hold) {
        let budget = EngineFixture.budget(limit: 10_000)
        var store = LeaseStoreModel([budget])
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([budget]))
        let hold = try #require(store.verdict(&engine, EngineFixture.call())?.hold)
        return (engine, hold)
    }

    @Test("expires at its new end, and never earlier than before")
    func expires() throws {
        var (engine, hold) = try held()
        engine.extend(hold, byMicroseconds: 60_000_000, at: .after(0))
        #expect(engine.expiries(at: .after(0)).map(\.inMicroseconds) == [600_000_000])
        engine.extend(hold, byMicroseconds: 900_000_000, at: .after(500))
        #expect(engine.beginExpiring(at: .after(1399)).isEmpty)
        #expect(engine.beginExpiring(at: .after(1400)).map(\.hold) == [hold])
    }

    @Test("answers a repeated request with its new end")
    func again() throws {
        var (engine, hold) = try held()
        engine.extendedElsewhere(hold.id.number, byMicroseconds: 900_000_000, at: .after(500))
        guard case .verdict(let verdict, _) = engine.authorize(EngineFixture.call(), at: .after(1399), isFinal: true)
        else {
            Issue.record("there is no verdict")
            return
        }
        #expect(verdict.hold == hold)
        #expect(verdict.expiresAt == EngineFixture.start.adding(seconds: 1400))
        #expect(verdict.kind == .admit)
    }

    @Test("is open again after an expiry that found its new end")
    func reopened() throws {
        var (engine, hold) = try held()
        #expect(engine.beginExpiring(at: .after(600)).map(\.hold) == [hold])
        engine.reopen(hold)
        engine.extend(hold, byMicroseconds: 900_000_000, at: .after(600))
        #expect(engine.beginExpiring(at: .after(1499)).isEmpty)
        #expect(engine.beginExpiring(at: .after(1500)).map(\.hold) == [hold])
    }
}
