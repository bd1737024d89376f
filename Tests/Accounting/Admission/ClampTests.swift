import Testing

@testable import Accounting

/// opus costs 10 nanodollars a token, sonnet 4, haiku 1. The calls have 10 tokens of input and ask for 40 of output.
@Suite("A smaller answer") struct ClampTests {
    private static func call(
        _ requestID: String = "r", least: Int64?, output: Int64 = 40, isDryRun: Bool = false
    ) -> Call {
        EngineFixture.call(requestID, tokens: 10, output: output, leastOutput: least, isDryRun: isDryRun)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let limit: Int64
        let least: Int64?
        var ladder: [String]?
        var unit = Budget.Unit.usd
        let kind: Verdict.Kind
        var model = "opus"
        var output: Int64?

        var testDescription: String { "\(least ?? 0) of \(limit) \(unit): \(kind) \(model) \(output ?? 0)" }
    }

    static let ladder = ["opus", "sonnet", "haiku"]

    @Test(
        "is admitted where the whole one does not fit, with as much output as fits",
        arguments: [
            Case(limit: 500, least: 1, kind: .admit, output: 40),
            Case(limit: 499, least: 1, kind: .admit, output: 39),
            Case(limit: 333, least: 1, kind: .admit, output: 23),
            Case(limit: 333, least: 23, kind: .admit, output: 23),
            Case(limit: 333, least: 24, kind: .deny),
            Case(limit: 333, least: nil, kind: .deny),
            Case(limit: 109, least: 1, kind: .deny),
            Case(limit: 333, least: 24, ladder: ladder, kind: .downgrade, model: "sonnet", output: 40),
            Case(limit: 150, least: 1, ladder: ladder, kind: .admit, output: 5),
            Case(limit: 150, least: 10, ladder: ladder, kind: .downgrade, model: "sonnet", output: 27),
            Case(limit: 60, least: 10, ladder: ladder, kind: .downgrade, model: "haiku", output: 40),
            Case(limit: 49, least: 10, ladder: ladder, kind: .downgrade, model: "haiku", output: 39),
            Case(limit: 30, least: 5, unit: .tokens, kind: .admit, output: 20),
            Case(limit: 14, least: 5, unit: .tokens, kind: .deny),
            Case(limit: 0, least: 1, unit: .calls, kind: .deny),
        ])
    func clamp(_ expected: Case) throws {
        let budgets = [EngineFixture.budget(limit: expected.limit, unit: expected.unit)]
        for isDryRun in [false, true] {
            var store = LeaseStoreModel(budgets)
            var engine = AdmissionEngine(
                replicaID: 1, configuration: EngineFixture.configuration(budgets, ladder: expected.ladder))
            let verdict = try #require(
                store.verdict(&engine, Self.call(least: expected.least, isDryRun: isDryRun)))
            #expect(verdict.kind == expected.kind)
            #expect(verdict.maxOutputTokens == expected.output)
            let isWhole = expected.output == nil || expected.output == 40
            #expect(verdict.isClamped == !isWhole)
            guard expected.kind != .deny else { continue }
            #expect(verdict.model?.model == expected.model)
            #expect((verdict.reason == nil) == (expected.kind == .admit))
            let estimate = Estimate.worstCase(
                of: Self.call(least: nil, output: expected.output!),
                on: EngineFixture.prices.models[EngineFixture.model(expected.model)], at: EngineFixture.start)
            #expect(verdict.estimate == estimate?.cost)
            #expect(engine.leaseViews.map(\.held) == [isDryRun ? 0 : estimate!.amount(in: expected.unit)!])
        }
    }

    /// A third of a nanodollar a token is rounded up, so several outputs cost the same.
    @Test("has exactly the most output that is paid for, however costs are rounded")
    func roundedUp() throws {
        let name = EngineFixture.model("third")
        let prices = ModelPrices(
            name: name, maximumInputTokens: nil, maximumOutputTokens: nil,
            prices: [.of(.input, 333_333, id: 1, model: name), .of(.output, 333_334, id: 2, model: name)])
        let book = PriceBook(models: [prices], makers: ["maker"])
        func worst(_ output: Int64) -> Int64 {
            let call = Call(
                requestID: "r", who: Attribution(team: "t"), model: "third", inputTokens: 7,
                maxOutputTokens: output)
            return Estimate.worstCase(of: call, on: prices, at: EngineFixture.start)!.cost!.nanodollars
        }
        for limit in worst(1)..<worst(400) {
            let budgets = [EngineFixture.budget(limit: limit)]
            var store = LeaseStoreModel(budgets)
            var engine = AdmissionEngine(
                replicaID: 1,
                configuration: Configuration(version: 1, teams: ["t"], budgets: budgets, ladders: [], prices: book))
            let call = Call(
                requestID: "r", who: Attribution(team: "t"), model: "third", inputTokens: 7, maxOutputTokens: 400,
                minOutputTokens: 1)
            let output = try #require(store.verdict(&engine, call)?.maxOutputTokens)
            #expect(worst(output) <= limit && limit < worst(output + 1), "limit \(limit): \(output)")
        }
    }

    @Test("fits every budget, and names the one that left no room for more")
    func narrowest() throws {
        let budgets = [
            EngineFixture.budget(1, limit: 400), EngineFixture.budget(2, limit: 35, unit: .tokens),
            EngineFixture.budget(3, limit: 10, unit: .calls), EngineFixture.budget(4, limit: 1, .soft),
        ]
        var store = LeaseStoreModel(budgets)
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration(budgets))
        let verdict = try #require(store.verdict(&engine, Self.call(least: 5)))
        #expect(verdict.kind == .admit && verdict.maxOutputTokens == 25)
        let warning = try #require(verdict.warnings.first { $0.code == .outputClamped })
        #expect(
            warning.message == """
                budget-2 has room this month for 25 tokens of output of opus, not for 40 tokens: the call is held for \
                these, and may not ask for more.
                """)
        #expect(engine.leaseViews.map(\.held).sorted() == [1, 35, 350])
    }

    @Test("is no answer to one who takes only the whole: a denial says what least would have been needed")
    func denial() throws {
        let budgets = [EngineFixture.budget(limit: 250)]
        var store = LeaseStoreModel(budgets)
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration(budgets))
        #expect(store.verdict(&engine, Self.call("a", least: nil, output: 10))?.kind == .admit)
        let held = try #require(store.verdict(&engine, Self.call("b", least: 1))?.reason)
        #expect(held.code == .fundsHeld)
        #expect(
            held.message.hasSuffix("opus could cost $0.0000005, and still $0.00000011 with only 1 token of output."))
        let never = try #require(store.verdict(&engine, Self.call("c", least: 20))?.reason)
        #expect(never.code == .overCallLimit)
        #expect(never.message.contains("$0.0000005, and still $0.0000003 with only 20 tokens of output, more than all"))
    }

    @Test("is told again to a repeated request; with another least it is another call, with other patience the same")
    func repeated() throws {
        let budgets = [EngineFixture.budget(limit: 333)]
        var store = LeaseStoreModel(budgets)
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration(budgets))
        let first = try #require(store.verdict(&engine, Self.call(least: 5)))
        #expect(store.verdict(&engine, Self.call(least: 5)) === first)
        guard case .conflict = store.authorize(&engine, Self.call(least: 6), at: .after(0)) else {
            Issue.record("another least output is no conflict")
            return
        }
    }
}
