import JSON
import Testing

@testable import Accounting

@Suite("A verdict") struct VerdictTests {
    /// The state that a call meets, and the expected verdict.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var budgets: [Budget] = []
        /// Amounts spent, by budget number.
        var spent: [Int64: Int64] = [:]
        var ladder: [String]?
        var call = EngineFixture.call()
        let kind: Verdict.Kind
        var model: String?
        var reason: Reason.Code?
        var budget: String?
        var retryAfterSeconds: Int64?
    }

    private static let ladder = ["opus", "sonnet", "haiku"]

    static let cases: [Case] = [
        Case(testDescription: "admits where no budget counts it", kind: .admit, model: "opus"),
        Case(
            testDescription: "admits what just fits", budgets: [EngineFixture.budget(limit: 100)], kind: .admit,
            model: "opus"),
        Case(
            testDescription: "admits what just fits beside what is spent", budgets: [EngineFixture.budget(limit: 1000)],
            spent: [1: 900], kind: .admit, model: "opus"),
        Case(
            testDescription: "denies what is one nanodollar too dear for what is left",
            budgets: [EngineFixture.budget(limit: 1000)], spent: [1: 901], kind: .deny, reason: .budgetExhausted,
            budget: "budget-1", retryAfterSeconds: 907_200),
        Case(
            testDescription: "denies what is dearer than the whole budget", budgets: [EngineFixture.budget(limit: 99)],
            kind: .deny, reason: .overCallLimit, budget: "budget-1"),
        Case(
            testDescription: "denies on the narrower of two budgets",
            budgets: [
                EngineFixture.budget(1, limit: 10_000),
                EngineFixture.budget(2, limit: 1000, scope: Scope(model: "opus")),
            ],
            spent: [2: 950], kind: .deny, reason: .budgetExhausted, budget: "budget-2"),
        Case(
            testDescription: "goes down the ladder to what fits", budgets: [EngineFixture.budget(limit: 1000)],
            spent: [1: 960], ladder: ladder, kind: .downgrade, model: "sonnet", reason: .budgetExhausted,
            budget: "budget-1"),
        Case(
            testDescription: "goes further down the ladder", budgets: [EngineFixture.budget(limit: 1000)],
            spent: [1: 961], ladder: ladder, kind: .downgrade, model: "haiku", reason: .budgetExhausted,
            budget: "budget-1"),
        Case(
            testDescription: "stops at the end of the ladder", budgets: [EngineFixture.budget(limit: 1000)],
            spent: [1: 991], ladder: ladder, kind: .deny, reason: .budgetExhausted, budget: "budget-1"),
        Case(
            testDescription: "stops at the floor", budgets: [EngineFixture.budget(limit: 1000)], spent: [1: 970],
            ladder: ["opus", "sonnet"], kind: .deny, reason: .budgetExhausted, budget: "budget-1"),
        Case(
            testDescription: "begins at the model that was asked for", budgets: [EngineFixture.budget(limit: 1000)],
            ladder: ladder, call: EngineFixture.call("r", "haiku"), kind: .admit, model: "haiku"),
        Case(
            testDescription: "never goes up the ladder",
            budgets: [EngineFixture.budget(1, limit: 0, scope: Scope(model: "haiku"))], ladder: ladder,
            call: EngineFixture.call("r", "haiku"), kind: .deny, reason: .overCallLimit, budget: "budget-1"),
        Case(
            testDescription: "passes over what the router cannot serve", budgets: [EngineFixture.budget(limit: 1000)],
            spent: [1: 960], ladder: ladder, call: EngineFixture.call(models: ["opus", "haiku"]), kind: .downgrade,
            model: "haiku", reason: .budgetExhausted, budget: "budget-1"),
        Case(
            testDescription: "goes down where the router cannot serve what was asked for",
            budgets: [EngineFixture.budget(limit: 1000)], ladder: ladder,
            call: EngineFixture.call(models: ["maker/sonnet"]), kind: .downgrade, model: "sonnet",
            reason: .modelNotAllowed),
        Case(
            testDescription: "denies where the router can serve nothing on the ladder", ladder: ladder,
            call: EngineFixture.call(models: ["other"]), kind: .deny, reason: .modelNotAllowed),
        Case(
            testDescription: "denies a model off the ladder", ladder: ["sonnet", "haiku"], kind: .deny,
            reason: .modelNotAllowed),
        Case(
            testDescription: "goes down once a threshold is reached",
            budgets: [EngineFixture.budget(limit: 1000, downgradeAt: 80)], spent: [1: 800], ladder: ladder,
            kind: .downgrade, model: "sonnet", reason: .downgradeThreshold, budget: "budget-1"),
        Case(
            testDescription: "admits just below a threshold",
            budgets: [EngineFixture.budget(limit: 1000, downgradeAt: 80)], spent: [1: 799], ladder: ladder,
            kind: .admit,
            model: "opus"),
        Case(
            testDescription: "is not held to a threshold without a ladder",
            budgets: [EngineFixture.budget(limit: 1000, downgradeAt: 80)], spent: [1: 800], kind: .admit, model: "opus"),
        Case(
            testDescription: "goes down by a soft budget's threshold too",
            budgets: [EngineFixture.budget(limit: 1000, .soft, downgradeAt: 80)], spent: [1: 5000], ladder: ladder,
            kind: .downgrade, model: "sonnet", reason: .downgradeThreshold, budget: "budget-1"),
        Case(
            testDescription: "ignores a shadow budget's threshold",
            budgets: [EngineFixture.budget(limit: 1000, .shadow, downgradeAt: 80)], spent: [1: 5000], ladder: ladder,
            kind: .admit, model: "opus"),
        Case(
            testDescription: "is not denied by soft and shadow budgets",
            budgets: [EngineFixture.budget(1, limit: 1, .soft), EngineFixture.budget(2, limit: 1, .shadow)],
            spent: [1: 500, 2: 500], kind: .admit, model: "opus"),
        Case(
            testDescription: "denies an unpriced model on a hard budget", budgets: [EngineFixture.budget(limit: 1000)],
            call: EngineFixture.call("r", "new"), kind: .deny, reason: .modelNotPriced, budget: "budget-1"),
        Case(
            testDescription: "admits an unpriced model on a hard budget that says so, while anything is left",
            budgets: [EngineFixture.budget(limit: 1000, unpriced: .admit)], spent: [1: 999],
            call: EngineFixture.call("r", "new"), kind: .admit, model: "new"),
        Case(
            testDescription: "denies an unpriced model on a hard budget that is used up, whatever it says",
            budgets: [EngineFixture.budget(limit: 1000, unpriced: .admit)], spent: [1: 1000],
            call: EngineFixture.call("r", "new"), kind: .deny, reason: .budgetExhausted, budget: "budget-1"),
        Case(
            testDescription: "denies an unpriced model where one hard budget of two says so",
            budgets: [EngineFixture.budget(1, limit: 1000, unpriced: .admit), EngineFixture.budget(2, limit: 1000)],
            call: EngineFixture.call("r", "new"), kind: .deny, reason: .modelNotPriced, budget: "budget-2"),
        Case(
            testDescription: "admits an unpriced model on a soft budget",
            budgets: [EngineFixture.budget(limit: 1000, .soft)], call: EngineFixture.call("r", "new"), kind: .admit,
            model: "new"),
        Case(
            testDescription: "admits an unpriced model where nothing counts it", call: EngineFixture.call("r", "new"),
            kind: .admit, model: "new"),
        Case(
            testDescription: "goes down from an unpriced model", budgets: [EngineFixture.budget(limit: 1000)],
            ladder: ["new", "haiku"], call: EngineFixture.call("r", "new"), kind: .downgrade, model: "haiku",
            reason: .modelNotPriced, budget: "budget-1"),
        Case(
            testDescription: "admits as much input as the model takes",
            call: EngineFixture.call("r", "brief", tokens: 20),
            kind: .admit, model: "brief"),
        Case(
            testDescription: "denies more input than the model takes",
            call: EngineFixture.call("r", "brief", tokens: 21),
            kind: .deny, reason: .overContext),
        Case(
            testDescription: "goes down from a model that takes less input", ladder: ["brief", "haiku"],
            call: EngineFixture.call("r", "brief", tokens: 21), kind: .downgrade, model: "haiku", reason: .overContext),
        Case(
            testDescription: "passes over a model that takes less input",
            budgets: [EngineFixture.budget(limit: 100)], ladder: ["opus", "brief", "haiku"],
            call: EngineFixture.call(tokens: 21), kind: .downgrade, model: "haiku", reason: .overCallLimit,
            budget: "budget-1"),
        Case(
            testDescription: "is not held to a threshold where the models below take less input",
            budgets: [EngineFixture.budget(limit: 1000, downgradeAt: 80)], spent: [1: 790], ladder: ["opus", "brief"],
            call: EngineFixture.call(tokens: 21), kind: .admit, model: "opus"),
        Case(
            testDescription: "counts tokens", budgets: [EngineFixture.budget(limit: 10, unit: .tokens)], kind: .admit,
            model: "opus"),
        Case(
            testDescription: "denies too many tokens", budgets: [EngineFixture.budget(limit: 100, unit: .tokens)],
            spent: [1: 91], kind: .deny, reason: .budgetExhausted, budget: "budget-1"),
        Case(
            testDescription: "counts the tokens of an unpriced model",
            budgets: [EngineFixture.budget(limit: 10, unit: .tokens)], call: EngineFixture.call("r", "new"),
            kind: .admit,
            model: "new"),
        Case(
            testDescription: "counts calls", budgets: [EngineFixture.budget(limit: 5, unit: .calls)], spent: [1: 4],
            kind: .admit, model: "opus"),
        Case(
            testDescription: "denies one call too many", budgets: [EngineFixture.budget(limit: 5, unit: .calls)],
            spent: [1: 5], kind: .deny, reason: .budgetExhausted, budget: "budget-1"),
        Case(
            testDescription: "tells an overrun budget as exhausted", budgets: [EngineFixture.budget(limit: 1000)],
            spent: [1: 1500], kind: .deny, reason: .budgetExhausted, budget: "budget-1"),
        Case(
            testDescription: "tells no time where a total budget is exhausted",
            budgets: [EngineFixture.budget(limit: 1000, period: .total)], spent: [1: 950], kind: .deny,
            reason: .budgetExhausted, budget: "budget-1"),
    ]

    @Test(
        "is refused on a hard budget of tokens where nothing bounds the output",
        arguments: [
            (Budget.Enforcement.hard, Budget.Unit.tokens, true), (.hard, .calls, false), (.soft, .tokens, false),
        ])
    func unboundedOutput(enforcement: Budget.Enforcement, unit: Budget.Unit, isRefused: Bool) {
        let budget = EngineFixture.budget(limit: 1000, unit: unit, enforcement)
        func outcome(_ model: String, ladder: [String]? = nil, most: Int64? = nil) -> AuthorizeOutcome {
            var store = LeaseStoreModel([budget])
            var engine = AdmissionEngine(
                replicaID: 1, configuration: EngineFixture.configuration([budget], ladder: ladder))
            let call = Call(
                requestID: "r", who: Attribution(team: "t"), model: model, inputTokens: 10, maxOutputTokens: most)
            return store.authorize(&engine, call, at: .after(0))
        }
        switch outcome("new") {
        case .refused(let errors):
            #expect(isRefused)
            #expect(errors.map(\.pointer) == ["/max_output_tokens"])
            #expect(
                errors.first?.detail == "is needed: no maximum output is known for new, and budget-1 counts tokens")
        case .verdict(let verdict, _):
            #expect(!isRefused && verdict.kind == .admit)
            #expect(verdict.warnings.contains { $0.message.contains("no known maximum output") } == (unit == .tokens))
        default: Issue.record("\(enforcement) \(unit)")
        }
        if case .verdict(let verdict, _) = outcome("new", most: 5) { #expect(verdict.kind == .admit) }
        // Further down the ladder, such a model is left out.
        if case .verdict(let verdict, _) = outcome("opus", ladder: ["opus", "new"], most: nil) {
            #expect(verdict.model?.model == "opus")
        }
    }

    @Test("is", arguments: cases) func table(_ row: Case) throws {
        var store = LeaseStoreModel(row.budgets)
        for (number, spent) in row.spent {
            _ = store.open(row.budgets.first { $0.number == number }!, at: .after(0), spent: spent)
        }
        var engine = AdmissionEngine(
            replicaID: 7, configuration: EngineFixture.configuration(row.budgets, ladder: row.ladder))
        let verdict = try #require(store.verdict(&engine, row.call))
        #expect(verdict.kind == row.kind)
        #expect(verdict.model?.model == row.model)
        #expect(verdict.reason?.code == row.reason)
        #expect(verdict.reason?.budgetID == row.budget)
        #expect((verdict.hold == nil) == (row.kind == .deny))
        if let seconds = row.retryAfterSeconds { #expect(verdict.reason?.retryAfterSeconds == seconds) }
        #expect(verdict.reason?.message.hasSuffix(".") != false)
        if row.budgets.first?.period == .total { #expect(verdict.reason?.resetsAt == nil) }
        // A verdict reports the state of every budget that counts the model it names.
        if row.kind != .deny {
            #expect(
                verdict.budgets.map(\.budget.number)
                    == engine.configuration.scopes.counting(row.call.who, verdict.model!).map(\.number))
        }
    }

    @Test("is funds_held while calls in flight hold what is left, with the time the first of them ends")
    func fundsHeld() throws {
        let budget = EngineFixture.budget(limit: 1000)
        var store = LeaseStoreModel([budget])
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([budget]))
        let long = try #require(store.verdict(&engine, EngineFixture.call("long", tokens: 50, holdSeconds: 900)))
        let short = try #require(store.verdict(&engine, EngineFixture.call("short", tokens: 46, holdSeconds: 60)))
        let denied = try #require(store.verdict(&engine, EngineFixture.call("late"), at: .after(20)))
        #expect(denied.kind == .deny)
        #expect(denied.reason?.code == .fundsHeld)
        #expect(denied.reason?.retryAfterSeconds == 40)
        // A caller may ask again under a denied id once the money is free.
        store.void(try #require(short.hold), by: &engine)
        #expect(store.verdict(&engine, EngineFixture.call("late"), at: .after(21))?.kind == .admit)
        store.settle(try #require(long.hold), tokens: 50, by: &engine)
        #expect(store.row(1)?.spent == 500)
    }

    @Test("is funds_held while another replica's lease holds what is left")
    func leasedElsewhere() throws {
        let budget = EngineFixture.budget(limit: 1000)
        var store = LeaseStoreModel([budget])
        var other = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([budget]))
        var engine = AdmissionEngine(replicaID: 2, configuration: EngineFixture.configuration([budget]))
        #expect(store.verdict(&other, EngineFixture.call("a", tokens: 95))?.kind == .admit)
        let denied = try #require(store.verdict(&engine, EngineFixture.call("b")))
        #expect(denied.reason?.code == .fundsHeld)
        #expect(denied.reason?.retryAfterSeconds == 1)
    }

    @Test("of funds_held names the budget that is short, not another one that the call needs too")
    func namesTheShortOne() throws {
        let budgets = [EngineFixture.budget(1, limit: 100_000), EngineFixture.budget(2, limit: 1000)]
        var store = LeaseStoreModel(budgets)
        var other = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration(budgets))
        var engine = AdmissionEngine(replicaID: 2, configuration: EngineFixture.configuration(budgets))
        #expect(store.verdict(&other, EngineFixture.call("a", tokens: 95))?.kind == .admit)
        let denied = try #require(store.verdict(&engine, EngineFixture.call("b")))
        #expect(denied.reason?.code == .fundsHeld)
        #expect(denied.reason?.budgetID == "budget-2")
    }

    @Test("of a lower model opens the windows that only it has, before it is denied for want of them")
    func opensLowerWindows() throws {
        let budgets = [
            EngineFixture.budget(1, limit: 50, scope: Scope(model: "opus")),
            EngineFixture.budget(2, limit: 1000, scope: Scope(model: "sonnet")),
        ]
        var store = LeaseStoreModel(budgets)
        var engine = AdmissionEngine(
            replicaID: 1, configuration: EngineFixture.configuration(budgets, ladder: ["opus", "sonnet"]))
        #expect(store.verdict(&engine, EngineFixture.call())?.model?.model == "sonnet")
    }

    @Test("warns of soft budgets that are over and of shadow budgets that would have denied")
    func warnings() throws {
        let budgets = [EngineFixture.budget(1, limit: 150, .soft), EngineFixture.budget(2, limit: 100, .shadow)]
        var store = LeaseStoreModel(budgets)
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration(budgets))
        let first = try #require(store.verdict(&engine, EngineFixture.call("a")))
        #expect(first.warnings.isEmpty)
        let second = try #require(store.verdict(&engine, EngineFixture.call("b")))
        #expect(second.kind == .admit)
        #expect(second.warnings.count == 2)
        #expect(second.warnings[0].message.contains("budget-1 is over its limit by $0.00000005"))
        #expect(second.warnings[1].message.contains("budget-2 (shadow) would have denied"))
        let unpriced = try #require(store.verdict(&engine, EngineFixture.call("c", "new")))
        #expect(unpriced.warnings.first?.message.hasPrefix("The price book has no model new, so") == true)
        // Neither the soft nor the shadow budget takes a lease.
        #expect(store.rows.values.allSatisfy { $0.leased == 0 })
    }

    @Test("is refused where the model is ambiguous or no output is bounded, and while the engine drains")
    func refused() {
        let two = ModelPrices(
            [.of(.input, 1, model: ModelName(provider: "a", model: "m"))],
            name: ModelName(provider: "a", model: "m"))
        let three = ModelPrices([.of(.input, 1), .of(.output, 1)], name: ModelName(provider: "b", model: "m"))
        let endless = ModelPrices([.of(.input, 1), .of(.output, 1)], name: EngineFixture.model("endless"))
        let configuration = Configuration(
            version: 1, teams: [], budgets: [], ladders: [], prices: PriceBook(models: [two, three, endless]))
        var engine = AdmissionEngine(replicaID: 1, configuration: configuration)
        func pointer(_ call: Call) -> String? {
            if case .refused(let errors) = engine.authorize(call, at: .after(0), isFinal: false) {
                errors.first?.pointer
            } else {
                nil
            }
        }
        #expect(pointer(EngineFixture.call("r", "m")) == "/provider")
        let unbounded = Call(requestID: "r", who: Attribution(team: "t"), model: "endless", inputTokens: 1)
        #expect(pointer(unbounded) == "/max_output_tokens")
        engine.drain()
        guard case .overCapacity = engine.authorize(EngineFixture.call(), at: .after(0), isFinal: false) else {
            Issue.record("a draining engine judged a call")
            return
        }
    }
}
