import JSON
import Testing

@testable import Accounting

/// What becomes of the hold of a verdict: it is given again, is none in a dry run, and must fit a token.
@Suite("A verdict and its hold") struct VerdictHoldTests {
    @Test("is given again while its hold lives; another call under its id is a conflict")
    func repeated() throws {
        let budget = EngineFixture.budget(limit: 1000)
        var store = LeaseStoreModel([budget])
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([budget]))
        let call = EngineFixture.call("r")
        let first = try #require(store.verdict(&engine, call))
        let again = try #require(store.verdict(&engine, call, at: .after(30)))
        #expect(again.hold == first.hold)
        #expect(again.expiresAt == first.expiresAt)
        #expect(engine.openHoldCount == 1)
        #expect(engine.takeVerdictCounts().map(\.calls) == [1])
        for other in [
            EngineFixture.call("r", tokens: 11), EngineFixture.call("r", "haiku"),
            EngineFixture.call("r", holdSeconds: 1),
            EngineFixture.call("r", who: Attribution(team: "t", user: "u")),
        ] {
            guard case .conflict = store.authorize(&engine, other, at: .after(31)) else {
                Issue.record("\(other) was judged")
                continue
            }
        }
        // The same id from another team is another call.
        let foreign = EngineFixture.call("r", who: Attribution(team: "other"))
        #expect(store.verdict(&engine, foreign)?.hold?.id != first.hold?.id)
        store.settle(try #require(first.hold), tokens: 1, by: &engine)
        #expect(store.verdict(&engine, EngineFixture.call("r", tokens: 11))?.hold?.id != first.hold?.id)
    }

    @Test(
        "admits no call whose hold is too long for a token, and then holds and counts nothing",
        arguments: [true, false])
    func tooLongForAToken(isDryRun: Bool) throws {
        let budgets = [1, 2].map { EngineFixture.budget($0, limit: 1_000_000) }
        var store = LeaseStoreModel(budgets)
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration(budgets))
        let holdTokens = HoldTokenCipher(keys: [1: [UInt8](repeating: 7, count: 32)])
        var (admitted, refused, lastNumber) = (0, 0, Int64(0))
        for length in 2_900...3_000 {
            let id = String(repeating: "r", count: length)
            let held = engine.accounts[1]?.held ?? 0
            switch store.authorize(&engine, EngineFixture.call(id, isDryRun: isDryRun), at: .after(0)) {
            case .verdict(let verdict, _):
                #expect(refused == 0, "\(length) is longer than one that was refused")
                admitted += 1
                guard let hold = verdict.hold else { continue }
                #expect(holdTokens.encrypt(hold) != nil)
                lastNumber = hold.id.number
            case .refused(let errors):
                refused += 1
                #expect(errors.map(\.pointer) == [""] && errors[0].detail.contains("2 budgets"))
                #expect(engine.accounts[1]?.held == held && engine.openHoldCount == (isDryRun ? 0 : admitted))
            case let outcome:
                Issue.record("\(outcome)")
            }
        }
        #expect(admitted > 0 && refused > 0)
        #expect(engine.takeVerdictCounts().map(\.calls) == (isDryRun ? [] : [Int64(admitted)]))
        if !isDryRun { #expect(store.verdict(&engine, EngineFixture.call("s"))?.hold?.id.number == lastNumber + 1) }
    }

    @Test("of a dry run holds nothing, counts nothing and is judged beside a hold of its id")
    func dryRun() throws {
        let budget = EngineFixture.budget(limit: 1000)
        var store = LeaseStoreModel([budget])
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([budget]))
        let dry = try #require(store.verdict(&engine, EngineFixture.call("r", isDryRun: true)))
        #expect(dry.kind == .admit)
        #expect(dry.hold == nil)
        #expect(dry.expiresAt == nil)
        #expect(dry.budgets.map(\.held) == [0])
        #expect(engine.openHoldCount == 0)
        #expect(store.verdict(&engine, EngineFixture.call("r", tokens: 95))?.kind == .admit)
        let denied = try #require(store.verdict(&engine, EngineFixture.call("r", isDryRun: true)))
        #expect(denied.reason?.code == .fundsHeld)
        #expect(engine.takeVerdictCounts().map(\.key.verdict) == [.admit])
    }
}
