import Testing

@testable import Accounting

@Suite("Counts of verdicts") struct VerdictCountsTests {
    private static func call(_ model: String, team: String = "t") -> Call {
        Call(requestID: "r", who: Attribution(team: team), model: model, inputTokens: 1, maxOutputTokens: 1)
    }

    private static let denied = Verdict(
        kind: .deny, requestID: "r", model: nil, estimate: nil, hold: nil, expiresAt: nil,
        reason: Reason(code: .modelNotPriced, message: "There is no price."), budgets: [], warnings: [])

    @Test("have a bounded number of names a team and day, however many a client makes up, and lose no call")
    func bounded() {
        var counts = VerdictCounts()
        let day = CalendarDay(daysSince1970: 20_000)
        var written: [VerdictCount] = []
        let made = VerdictCounts.maximumNames * 2
        for number in 0..<made {
            counts.count(Self.denied, of: Self.call("made-up-\(number)"), "made-up-\(number)", on: day)
            // What is written in between must not make room for more names.
            if number % 100 == 0 { written += counts.take() }
        }
        counts.count(Self.denied, of: Self.call("one", team: "u"), "one", on: day)
        written += counts.take()
        #expect(written.reduce(0) { $0 + $1.calls } == Int64(made + 1))
        #expect(Set(written.map(\.key.requestedModel)).count == VerdictCounts.maximumNames + 2)
        let others = written.filter { $0.key.requestedModel == VerdictCounts.otherModel }.reduce(0) { $0 + $1.calls }
        #expect(others == Int64(VerdictCounts.maximumNames))
        // The next day begins with a new list.
        let next = CalendarDay(daysSince1970: 20_001)
        counts.count(Self.denied, of: Self.call("tomorrow"), "tomorrow", on: next)
        #expect(counts.take().map(\.key.requestedModel) == ["tomorrow"])
    }

    @Test("are taken back under the name under which they were counted")
    func takenBack() {
        var counts = VerdictCounts()
        let day = CalendarDay(daysSince1970: 20_000)
        for number in 0...VerdictCounts.maximumNames {
            let model = "model-\(number)"
            counts.count(Self.denied, of: Self.call(model), model, on: day)
        }
        for number in [0, VerdictCounts.maximumNames] {
            let hold = Hold(
                id: HoldID(replicaID: 1, number: 1), requestID: "r", who: Attribution(team: "t"),
                requestedModel: "model-\(number)", model: EngineFixture.model("opus"), tier: .standard, estimate: nil,
                authorizedAt: EngineFixture.start, expiresAt: EngineFixture.start, charges: [])
            counts.takeBack(Self.denied, of: hold, on: day)
        }
        let left = counts.take()
        #expect(left.count == VerdictCounts.maximumNames - 1)
        #expect(left.allSatisfy { $0.calls == 1 })
    }

    @Test("are kept by day, team, models, kind and reason")
    func verdictCounts() throws {
        let budget = EngineFixture.budget(limit: 140)
        var store = LeaseStoreModel([budget])
        var engine = AdmissionEngine(
            replicaID: 1, configuration: EngineFixture.configuration([budget], ladder: ["opus", "sonnet"]))
        for number in 1...4 { _ = store.verdict(&engine, EngineFixture.call("r\(number)")) }
        let verdictCounts = engine.takeVerdictCounts()
        #expect(
            Set(verdictCounts.map { "\($0.key.verdict) \($0.key.reason?.rawValue ?? "-") \($0.calls)" })
                == ["admit - 1", "downgrade funds_held 1", "deny funds_held 2"])
        #expect(engine.takeVerdictCounts().isEmpty)
        engine.putBack(verdictCounts)
        _ = store.verdict(&engine, EngineFixture.call("r5"))
        #expect(engine.takeVerdictCounts().first { $0.key.verdict == .deny }?.calls == 3)
    }
}
