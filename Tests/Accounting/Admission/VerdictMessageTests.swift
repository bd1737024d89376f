import Testing

@testable import Accounting

/// What a verdict says to people.
@Suite("The sentence of a verdict") struct VerdictMessageTests {
    private static func engine(
        _ budgets: [Budget], ladder: [String]? = nil, spent: [Int64: Int64] = [:]
    ) -> (LeaseStoreModel, AdmissionEngine) {
        var store = LeaseStoreModel(budgets)
        for (number, spent) in spent {
            _ = store.open(budgets.first { $0.number == number }!, at: .after(0), spent: spent)
        }
        let configuration = EngineFixture.configuration(budgets, ladder: ladder)
        return (store, AdmissionEngine(replicaID: 1, configuration: configuration))
    }

    @Test("of a downgrade says what was used, not the share from which on calls are downgraded")
    func threshold() throws {
        var (store, engine) = Self.engine(
            [EngineFixture.budget(limit: 1_000_000_000, downgradeAt: 20)], ladder: ["opus", "haiku"],
            spent: [1: 360_000_000])
        let verdict = try #require(store.verdict(&engine, EngineFixture.call()))
        #expect(
            verdict.reason?.message
                == "budget-1 has used $0.36 of its $1 this month; from 20% on, calls that ask for opus go to a lower model."
        )
        _ = store.verdict(&engine, EngineFixture.call("b", "haiku", tokens: 5))
        let next = try #require(store.verdict(&engine, EngineFixture.call("c")))
        #expect(next.reason?.message.contains("has used $0.36 of its $1 this month and holds $0.000000015 for") == true)
    }

    @Test("of a denial names the model that was asked for, beside the lower one that decides")
    func lowerModel() throws {
        let budgets = [
            EngineFixture.budget(1, limit: 50, scope: Scope(model: "opus")),
            EngineFixture.budget(2, limit: 1000, scope: Scope(model: "haiku")),
        ]
        var (store, engine) = Self.engine(budgets, ladder: ["opus", "haiku"], spent: [2: 995])
        let verdict = try #require(store.verdict(&engine, EngineFixture.call()))
        #expect(verdict.reason?.code == .budgetExhausted && verdict.reason?.budgetID == "budget-2")
        #expect(
            verdict.reason?.message
                == "budget-2 has $0.000000005 left this month; haiku, in place of opus, could cost $0.00000001.")
    }

    @Test(
        "has its verb in the number of what is held",
        arguments: [(Int64(1), "1 call is held"), (2, "2 calls are held")])
    func verb(held: Int64, phrase: String) throws {
        var (store, engine) = Self.engine([EngineFixture.budget(limit: held, unit: .calls)])
        for number in 0..<held { _ = store.verdict(&engine, EngineFixture.call("r\(number)")) }
        let verdict = try #require(store.verdict(&engine, EngineFixture.call("last")))
        #expect(verdict.reason?.message.contains(phrase) == true, "\(verdict.reason?.message ?? "")")
    }

    @Test("says of money that it is held, and when a hold of this very budget ends")
    func otherTeamsHolds() throws {
        let budgets = [
            EngineFixture.budget(1, limit: 1000), EngineFixture.budget(2, limit: 1000, scope: Scope(team: "u")),
        ]
        var (store, engine) = Self.engine(budgets)
        for number in 0..<20 {
            let other = EngineFixture.call("u\(number)", tokens: 1, who: Attribution(team: "u"), holdSeconds: 5)
            _ = store.verdict(&engine, other)
        }
        _ = store.verdict(&engine, EngineFixture.call("t", tokens: 100, holdSeconds: 400))
        let denied = try #require(store.verdict(&engine, EngineFixture.call("late")))
        #expect(denied.reason?.retryAfterSeconds == 400)
        #expect(denied.reason?.message.contains("$0.000001 is held for calls in flight") == true)
    }

    @Test(
        "warns of the output that is held for where the call does not say it, or says more than the model can",
        arguments: [
            (
                nil, 50, CallWarning.Code.outputAssumed,
                "max_output_tokens was not given: 50 tokens, the most of opus, are held for."
            ),
            (
                51, 50, .outputBounded,
                "opus puts out 50 tokens at most: the call is held for these, and may not ask for more."
            ),
            (50, 50, nil, ""), (7, 7, nil, ""),
        ] as [(Int64?, Int64, CallWarning.Code?, String)])
    func output(declared: Int64?, held: Int64, code: CallWarning.Code?, message: String) throws {
        var (store, engine) = Self.engine([EngineFixture.budget(limit: 100_000)])
        let call = Call(
            requestID: "r", who: Attribution(team: "t"), model: "opus", inputTokens: 10, maxOutputTokens: declared)
        let verdict = try #require(store.verdict(&engine, call))
        #expect(verdict.maxOutputTokens == held && verdict.estimate == Money(nanodollars: (10 + held) * 10))
        #expect(verdict.warnings.map(\.code) == [code].compactMap(\.self))
        #expect(verdict.warnings.first?.message ?? "" == message)
    }

    @Test("of a denial by all models alike names the lowest, which decides, or the one that was asked for")
    func lowestModel() throws {
        let budgets = [
            EngineFixture.budget(1, limit: 50, scope: Scope(model: "opus")),
            EngineFixture.budget(2, limit: 1000),
        ]
        var (store, engine) = Self.engine(budgets, ladder: ["opus", "sonnet", "haiku"], spent: [2: 995])
        let lower = try #require(store.verdict(&engine, EngineFixture.call()))
        #expect(lower.reason?.message.contains("; haiku, in place of opus, could cost") == true)
        let asked = try #require(store.verdict(&engine, EngineFixture.call("b", "sonnet")))
        #expect(asked.reason?.message.contains("; sonnet could cost") == true)
    }

    @Test("of a dry run warns of soft and shadow budgets as the call itself is warned", arguments: [true, false])
    func dryRun(isDryRun: Bool) throws {
        let budgets = [EngineFixture.budget(1, limit: 60, .soft), EngineFixture.budget(2, limit: 70, .shadow)]
        var (store, engine) = Self.engine(budgets)
        _ = store.verdict(&engine, EngineFixture.call("first", tokens: 1))
        let verdict = try #require(store.verdict(&engine, EngineFixture.call(isDryRun: isDryRun)))
        #expect(
            verdict.warnings.map(\.message) == [
                "budget-1 is over its limit by $0.00000005 this month.",
                "budget-2 (shadow) would have denied this call: it is over its limit by $0.00000004.",
            ])
    }

    @Test("of a denial for want of a price has the budget that denies, also where no call has needed it yet")
    func unpriced() throws {
        var (store, engine) = Self.engine([EngineFixture.budget(limit: 1000)])
        let verdict = try #require(store.verdict(&engine, EngineFixture.call("r", "mystery")))
        #expect(verdict.reason?.code == .modelNotPriced && verdict.budgets.map(\.budget.number) == [1])
        #expect(
            verdict.reason?.message == "The price book has no model mystery, and budget-1 is hard.")
    }

    @Test("of a denial for too much input says how much the model takes")
    func overContext() throws {
        var (store, engine) = Self.engine([EngineFixture.budget(limit: 5000)], ladder: ["brief", "mystery"])
        let verdict = try #require(store.verdict(&engine, EngineFixture.call("r", "brief", tokens: 1021)))
        #expect(verdict.estimate == Money(nanodollars: 1021) && verdict.budgets.count == 1)
        #expect(
            verdict.reason?.message == "brief takes 20 tokens of input at most, and the call has 1,021 tokens.")
    }

    @Test("of a dry run has every budget that counts the call, also those that no call has needed yet")
    func unseenBudgets() throws {
        let budgets = [EngineFixture.budget(1, limit: 1000, .soft), EngineFixture.budget(2, limit: 1000, .shadow)]
        for isDryRun in [true, false] {
            var (store, engine) = Self.engine(budgets)
            let call = EngineFixture.call(isDryRun: isDryRun)
            switch engine.authorize(call, at: .after(0), isFinal: false) {
            case .ask(let ask): #expect(isDryRun && ask.opens.count == 2)
            // Nothing that only counts keeps a call waiting.
            case .verdict(let verdict, _): #expect(!isDryRun && verdict.budgets.isEmpty)
            case let outcome: Issue.record("\(outcome)")
            }
            #expect(store.verdict(&engine, call)?.budgets.map(\.budget.number) == (isDryRun ? [1, 2] : []))
        }
    }
}
