import JSON
import Testing

@testable import Accounting

@Suite("A verdict") struct VerdictTests {
    /// What a call finds, and what it is told.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var budgets: [Budget] = []
        /// By budget number.
        var spent: [Int64: Int64] = [:]
        var ladder: [String]?
        var call = DeskFixture.call()
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
            testDescription: "admits what just fits", budgets: [DeskFixture.budget(limit: 100)], kind: .admit,
            model: "opus"),
        Case(
            testDescription: "admits what just fits beside what is spent", budgets: [DeskFixture.budget(limit: 1000)],
            spent: [1: 900], kind: .admit, model: "opus"),
        Case(
            testDescription: "denies what is one nanodollar too dear for what is left",
            budgets: [DeskFixture.budget(limit: 1000)], spent: [1: 901], kind: .deny, reason: .budgetExhausted,
            budget: "budget-1", retryAfterSeconds: 907_200),
        Case(
            testDescription: "denies what is dearer than the whole budget", budgets: [DeskFixture.budget(limit: 99)],
            kind: .deny, reason: .overCallLimit, budget: "budget-1"),
        Case(
            testDescription: "denies on the narrower of two budgets",
            budgets: [
                DeskFixture.budget(1, limit: 10_000), DeskFixture.budget(2, limit: 1000, scope: Scope(model: "opus")),
            ],
            spent: [2: 950], kind: .deny, reason: .budgetExhausted, budget: "budget-2"),
        Case(
            testDescription: "goes down the ladder to what fits", budgets: [DeskFixture.budget(limit: 1000)],
            spent: [1: 960], ladder: ladder, kind: .downgrade, model: "sonnet", reason: .budgetExhausted,
            budget: "budget-1"),
        Case(
            testDescription: "goes further down the ladder", budgets: [DeskFixture.budget(limit: 1000)],
            spent: [1: 961], ladder: ladder, kind: .downgrade, model: "haiku", reason: .budgetExhausted,
            budget: "budget-1"),
        Case(
            testDescription: "stops at the end of the ladder", budgets: [DeskFixture.budget(limit: 1000)],
            spent: [1: 991], ladder: ladder, kind: .deny, reason: .budgetExhausted, budget: "budget-1"),
        Case(
            testDescription: "stops at the floor", budgets: [DeskFixture.budget(limit: 1000)], spent: [1: 970],
            ladder: ["opus", "sonnet"], kind: .deny, reason: .budgetExhausted, budget: "budget-1"),
        Case(
            testDescription: "begins at the model that was asked for", budgets: [DeskFixture.budget(limit: 1000)],
            ladder: ladder, call: DeskFixture.call("r", "haiku"), kind: .admit, model: "haiku"),
        Case(
            testDescription: "never goes up the ladder",
            budgets: [DeskFixture.budget(1, limit: 0, scope: Scope(model: "haiku"))], ladder: ladder,
            call: DeskFixture.call("r", "haiku"), kind: .deny, reason: .overCallLimit, budget: "budget-1"),
        Case(
            testDescription: "passes over what the router cannot serve", budgets: [DeskFixture.budget(limit: 1000)],
            spent: [1: 960], ladder: ladder, call: DeskFixture.call(models: ["opus", "haiku"]), kind: .downgrade,
            model: "haiku", reason: .budgetExhausted, budget: "budget-1"),
        Case(
            testDescription: "goes down where the router cannot serve what was asked for",
            budgets: [DeskFixture.budget(limit: 1000)], ladder: ladder,
            call: DeskFixture.call(models: ["maker/sonnet"]), kind: .downgrade, model: "sonnet",
            reason: .modelNotAllowed),
        Case(
            testDescription: "denies where the router can serve nothing on the ladder", ladder: ladder,
            call: DeskFixture.call(models: ["other"]), kind: .deny, reason: .modelNotAllowed),
        Case(
            testDescription: "denies a model off the ladder", ladder: ["sonnet", "haiku"], kind: .deny,
            reason: .modelNotAllowed),
        Case(
            testDescription: "goes down once a threshold is reached",
            budgets: [DeskFixture.budget(limit: 1000, downgradeAt: 80)], spent: [1: 800], ladder: ladder,
            kind: .downgrade, model: "sonnet", reason: .downgradeThreshold, budget: "budget-1"),
        Case(
            testDescription: "admits just below a threshold",
            budgets: [DeskFixture.budget(limit: 1000, downgradeAt: 80)], spent: [1: 799], ladder: ladder, kind: .admit,
            model: "opus"),
        Case(
            testDescription: "is not held to a threshold without a ladder",
            budgets: [DeskFixture.budget(limit: 1000, downgradeAt: 80)], spent: [1: 800], kind: .admit, model: "opus"),
        Case(
            testDescription: "goes down by a soft budget's threshold too",
            budgets: [DeskFixture.budget(limit: 1000, .soft, downgradeAt: 80)], spent: [1: 5000], ladder: ladder,
            kind: .downgrade, model: "sonnet", reason: .downgradeThreshold, budget: "budget-1"),
        Case(
            testDescription: "ignores a shadow budget's threshold",
            budgets: [DeskFixture.budget(limit: 1000, .shadow, downgradeAt: 80)], spent: [1: 5000], ladder: ladder,
            kind: .admit, model: "opus"),
        Case(
            testDescription: "is not denied by soft and shadow budgets",
            budgets: [DeskFixture.budget(1, limit: 1, .soft), DeskFixture.budget(2, limit: 1, .shadow)],
            spent: [1: 500, 2: 500], kind: .admit, model: "opus"),
        Case(
            testDescription: "denies an unpriced model on a hard budget", budgets: [DeskFixture.budget(limit: 1000)],
            call: DeskFixture.call("r", "new"), kind: .deny, reason: .modelNotPriced, budget: "budget-1"),
        Case(
            testDescription: "admits an unpriced model on a hard budget that says so, while anything is left",
            budgets: [DeskFixture.budget(limit: 1000, unpriced: .admit)], spent: [1: 999],
            call: DeskFixture.call("r", "new"), kind: .admit, model: "new"),
        Case(
            testDescription: "denies an unpriced model on a hard budget that is used up, whatever it says",
            budgets: [DeskFixture.budget(limit: 1000, unpriced: .admit)], spent: [1: 1000],
            call: DeskFixture.call("r", "new"), kind: .deny, reason: .budgetExhausted, budget: "budget-1"),
        Case(
            testDescription: "denies an unpriced model where one hard budget of two says so",
            budgets: [DeskFixture.budget(1, limit: 1000, unpriced: .admit), DeskFixture.budget(2, limit: 1000)],
            call: DeskFixture.call("r", "new"), kind: .deny, reason: .modelNotPriced, budget: "budget-2"),
        Case(
            testDescription: "admits an unpriced model on a soft budget",
            budgets: [DeskFixture.budget(limit: 1000, .soft)], call: DeskFixture.call("r", "new"), kind: .admit,
            model: "new"),
        Case(
            testDescription: "admits an unpriced model where nothing counts it", call: DeskFixture.call("r", "new"),
            kind: .admit, model: "new"),
        Case(
            testDescription: "goes down from an unpriced model", budgets: [DeskFixture.budget(limit: 1000)],
            ladder: ["new", "haiku"], call: DeskFixture.call("r", "new"), kind: .downgrade, model: "haiku",
            reason: .modelNotPriced, budget: "budget-1"),
        Case(
            testDescription: "counts tokens", budgets: [DeskFixture.budget(limit: 10, unit: .tokens)], kind: .admit,
            model: "opus"),
        Case(
            testDescription: "denies too many tokens", budgets: [DeskFixture.budget(limit: 100, unit: .tokens)],
            spent: [1: 91], kind: .deny, reason: .budgetExhausted, budget: "budget-1"),
        Case(
            testDescription: "counts the tokens of an unpriced model",
            budgets: [DeskFixture.budget(limit: 10, unit: .tokens)], call: DeskFixture.call("r", "new"), kind: .admit,
            model: "new"),
        Case(
            testDescription: "counts calls", budgets: [DeskFixture.budget(limit: 5, unit: .calls)], spent: [1: 4],
            kind: .admit, model: "opus"),
        Case(
            testDescription: "denies one call too many", budgets: [DeskFixture.budget(limit: 5, unit: .calls)],
            spent: [1: 5], kind: .deny, reason: .budgetExhausted, budget: "budget-1"),
        Case(
            testDescription: "tells an overrun budget as exhausted", budgets: [DeskFixture.budget(limit: 1000)],
            spent: [1: 1500], kind: .deny, reason: .budgetExhausted, budget: "budget-1"),
        Case(
            testDescription: "tells no time where a total budget is exhausted",
            budgets: [DeskFixture.budget(limit: 1000, period: .total)], spent: [1: 950], kind: .deny,
            reason: .budgetExhausted, budget: "budget-1"),
    ]

    @Test("is", arguments: cases) func table(_ row: Case) throws {
        var bank = BankModel(row.budgets)
        for (number, spent) in row.spent {
            _ = bank.open(row.budgets.first { $0.number == number }!, at: .after(0), spent: spent)
        }
        var desk = Desk(replicaID: 7, configuration: DeskFixture.configuration(row.budgets, ladder: row.ladder))
        let verdict = try #require(bank.verdict(&desk, row.call))
        #expect(verdict.kind == row.kind)
        #expect(verdict.model?.model == row.model)
        #expect(verdict.reason?.code == row.reason)
        #expect(verdict.reason?.budgetID == row.budget)
        #expect((verdict.hold == nil) == (row.kind == .deny))
        if let seconds = row.retryAfterSeconds { #expect(verdict.reason?.retryAfterSeconds == seconds) }
        #expect(verdict.reason?.message.hasSuffix(".") != false)
        if row.budgets.first?.period == .total { #expect(verdict.reason?.resetsAt == nil) }
        // A verdict tells how every budget stands that counts the model it names.
        if row.kind != .deny {
            #expect(
                verdict.budgets.map(\.budget.number)
                    == desk.configuration.scopes.counting(row.call.who, verdict.model!).map(\.number))
        }
    }

    @Test("is funds_held while calls in flight hold what is left, with the time the first of them ends")
    func fundsHeld() throws {
        let budget = DeskFixture.budget(limit: 1000)
        var bank = BankModel([budget])
        var desk = Desk(replicaID: 1, configuration: DeskFixture.configuration([budget]))
        let long = try #require(bank.verdict(&desk, DeskFixture.call("long", tokens: 50, holdSeconds: 900)))
        let short = try #require(bank.verdict(&desk, DeskFixture.call("short", tokens: 46, holdSeconds: 60)))
        let denied = try #require(bank.verdict(&desk, DeskFixture.call("late"), at: .after(20)))
        #expect(denied.kind == .deny)
        #expect(denied.reason?.code == .fundsHeld)
        #expect(denied.reason?.retryAfterSeconds == 40)
        // A denied id may be asked again, once the money is free.
        bank.void(try #require(short.hold), by: &desk)
        #expect(bank.verdict(&desk, DeskFixture.call("late"), at: .after(21))?.kind == .admit)
        bank.settle(try #require(long.hold), tokens: 50, by: &desk)
        #expect(bank.row(1)?.spent == 500)
    }

    @Test("is funds_held while another replica's lease holds what is left")
    func leasedElsewhere() throws {
        let budget = DeskFixture.budget(limit: 1000)
        var bank = BankModel([budget])
        var other = Desk(replicaID: 1, configuration: DeskFixture.configuration([budget]))
        var desk = Desk(replicaID: 2, configuration: DeskFixture.configuration([budget]))
        #expect(bank.verdict(&other, DeskFixture.call("a", tokens: 95))?.kind == .admit)
        let denied = try #require(bank.verdict(&desk, DeskFixture.call("b")))
        #expect(denied.reason?.code == .fundsHeld)
        #expect(denied.reason?.retryAfterSeconds == 1)
    }

    @Test("of funds_held names the budget that is short, not another one that the call needs too")
    func namesTheShortOne() throws {
        let budgets = [DeskFixture.budget(1, limit: 100_000), DeskFixture.budget(2, limit: 1000)]
        var bank = BankModel(budgets)
        var other = Desk(replicaID: 1, configuration: DeskFixture.configuration(budgets))
        var desk = Desk(replicaID: 2, configuration: DeskFixture.configuration(budgets))
        #expect(bank.verdict(&other, DeskFixture.call("a", tokens: 95))?.kind == .admit)
        let denied = try #require(bank.verdict(&desk, DeskFixture.call("b")))
        #expect(denied.reason?.code == .fundsHeld)
        #expect(denied.reason?.budgetID == "budget-2")
    }

    @Test("of a lower model opens the windows that only it has, before it is denied for want of them")
    func opensLowerWindows() throws {
        let budgets = [
            DeskFixture.budget(1, limit: 50, scope: Scope(model: "opus")),
            DeskFixture.budget(2, limit: 1000, scope: Scope(model: "sonnet")),
        ]
        var bank = BankModel(budgets)
        var desk = Desk(replicaID: 1, configuration: DeskFixture.configuration(budgets, ladder: ["opus", "sonnet"]))
        #expect(bank.verdict(&desk, DeskFixture.call())?.model?.model == "sonnet")
    }

    @Test("warns of soft budgets that are over and of shadow budgets that would have denied")
    func warnings() throws {
        let budgets = [DeskFixture.budget(1, limit: 150, .soft), DeskFixture.budget(2, limit: 100, .shadow)]
        var bank = BankModel(budgets)
        var desk = Desk(replicaID: 1, configuration: DeskFixture.configuration(budgets))
        let first = try #require(bank.verdict(&desk, DeskFixture.call("a")))
        #expect(first.warnings.isEmpty)
        let second = try #require(bank.verdict(&desk, DeskFixture.call("b")))
        #expect(second.kind == .admit)
        #expect(second.warnings.count == 2)
        #expect(second.warnings[0].contains("budget-1 is over its limit by $0.00000005"))
        #expect(second.warnings[1].contains("budget-2 (shadow) would have denied"))
        let unpriced = try #require(bank.verdict(&desk, DeskFixture.call("c", "new")))
        #expect(unpriced.warnings.first?.contains("new has no price") == true)
        // Neither takes a lease.
        #expect(bank.rows.values.allSatisfy { $0.leased == 0 })
    }

    @Test("is given again while its hold lives; another call under its id is a conflict")
    func repeated() throws {
        let budget = DeskFixture.budget(limit: 1000)
        var bank = BankModel([budget])
        var desk = Desk(replicaID: 1, configuration: DeskFixture.configuration([budget]))
        let call = DeskFixture.call("r")
        let first = try #require(bank.verdict(&desk, call))
        let again = try #require(bank.verdict(&desk, call, at: .after(30)))
        #expect(again.hold == first.hold)
        #expect(again.expiresAt == first.expiresAt)
        #expect(desk.openHoldCount == 1)
        #expect(desk.takeTallies().map(\.calls) == [1])
        for other in [
            DeskFixture.call("r", tokens: 11), DeskFixture.call("r", "haiku"), DeskFixture.call("r", holdSeconds: 1),
            DeskFixture.call("r", who: Attribution(team: "t", user: "u")),
        ] {
            guard case .conflict = bank.authorize(&desk, other, at: .after(31)) else {
                Issue.record("\(other) was judged")
                continue
            }
        }
        // The same id of another team is another call.
        let foreign = DeskFixture.call("r", who: Attribution(team: "other"))
        #expect(bank.verdict(&desk, foreign)?.hold?.id != first.hold?.id)
        bank.settle(try #require(first.hold), tokens: 1, by: &desk)
        #expect(bank.verdict(&desk, DeskFixture.call("r", tokens: 11))?.hold?.id != first.hold?.id)
    }

    @Test("of a dry run holds nothing, counts nothing and is judged beside a hold of its id")
    func dryRun() throws {
        let budget = DeskFixture.budget(limit: 1000)
        var bank = BankModel([budget])
        var desk = Desk(replicaID: 1, configuration: DeskFixture.configuration([budget]))
        let dry = try #require(bank.verdict(&desk, DeskFixture.call("r", isDryRun: true)))
        #expect(dry.kind == .admit)
        #expect(dry.hold == nil)
        #expect(dry.expiresAt == nil)
        #expect(dry.budgets.map(\.held) == [0])
        #expect(desk.openHoldCount == 0)
        #expect(bank.verdict(&desk, DeskFixture.call("r", tokens: 95))?.kind == .admit)
        let denied = try #require(bank.verdict(&desk, DeskFixture.call("r", isDryRun: true)))
        #expect(denied.reason?.code == .fundsHeld)
        #expect(desk.takeTallies().map(\.key.verdict) == [.admit])
    }

    @Test("is replica_fenced past the fence on hard budgets only, and good again before a later one")
    func fenced() throws {
        let budgets = [
            DeskFixture.budget(limit: 1000), DeskFixture.budget(2, limit: 10, scope: Scope(team: "s"), .soft),
        ]
        var bank = BankModel(budgets)
        var desk = Desk(replicaID: 1, configuration: DeskFixture.configuration(budgets))
        desk.fence(afterNanoseconds: 10_000_000_000)
        #expect(bank.verdict(&desk, DeskFixture.call("a"), at: .after(10))?.kind == .admit)
        #expect(!desk.isFenced(at: .after(10)))
        #expect(desk.isFenced(at: .after(11)))
        let denied = try #require(bank.verdict(&desk, DeskFixture.call("b"), at: .after(11)))
        #expect(denied.reason?.code == .replicaFenced)
        #expect(denied.reason?.retryAfterSeconds == 1)
        let soft = DeskFixture.call("c", who: Attribution(team: "s"))
        #expect(bank.verdict(&desk, soft, at: .after(11))?.kind == .admit)
        desk.fence(afterNanoseconds: 20_000_000_000)
        #expect(bank.verdict(&desk, DeskFixture.call("b"), at: .after(11))?.kind == .admit)
    }

    /// What a fenced replica says to calls of a hard, a soft and a shadow budget, by its settings.
    static let whenFenced: [(setting: WhenFenced, admits: [Bool])] = [
        (WhenFenced(), [false, true, true]), (WhenFenced(hard: .open), [true, true, true]),
        (WhenFenced(soft: .closed), [false, false, true]),
        (WhenFenced(hard: .open, soft: .closed), [true, false, true]),
    ]

    @Test("past the fence is what the setting says, and takes nothing out of a lease", arguments: whenFenced)
    func fencedBySetting(setting: WhenFenced, admits: [Bool]) throws {
        let enforcements: [Budget.Enforcement] = [.hard, .soft, .shadow]
        let budgets = enforcements.enumerated().map { number, enforcement in
            DeskFixture.budget(Int64(number + 1), limit: 1000, scope: Scope(team: "t\(number)"), enforcement)
        }
        var desk = Desk(replicaID: 1, configuration: DeskFixture.configuration(budgets), whenFenced: setting)
        desk.fence(afterNanoseconds: .min)
        for (number, isAdmitted) in admits.enumerated() {
            // Even a call that is larger than the whole budget, whose window nobody has opened yet.
            let call = DeskFixture.call("r\(number)", tokens: 500, who: Attribution(team: "t\(number)"))
            guard case .verdict(let verdict, _) = desk.authorize(call, at: .after(0), isFinal: false) else {
                Issue.record("a fenced desk wants to ask")
                continue
            }
            #expect(verdict.kind == (isAdmitted ? .admit : .deny))
            #expect(verdict.reason?.code == (isAdmitted ? nil : .replicaFenced))
            guard let hold = verdict.hold else { continue }
            #expect(hold.charges.isEmpty)
            // What it costs finds its window when it settles.
            let charges = desk.beginSettling(hold, served: hold.model, cost: Money(nanodollars: 7), tokens: 1)
            #expect(charges.map(\.spent) == [7])
            #expect(charges.map(\.leaseRelease) == [0])
        }
    }

    @Test("is refused where the model is ambiguous or no output is bounded, and while the desk drains")
    func refused() {
        let two = ModelPrices(
            [.of(.input, 1, model: ModelName(provider: "a", model: "m"))],
            name: ModelName(provider: "a", model: "m"))
        let three = ModelPrices([.of(.input, 1), .of(.output, 1)], name: ModelName(provider: "b", model: "m"))
        let endless = ModelPrices([.of(.input, 1), .of(.output, 1)], name: DeskFixture.model("endless"))
        let configuration = Configuration(
            version: 1, teams: [], budgets: [], ladders: [], prices: PriceBook(models: [two, three, endless]))
        var desk = Desk(replicaID: 1, configuration: configuration)
        func pointer(_ call: Call) -> String? {
            if case .refused(let errors) = desk.authorize(call, at: .after(0), isFinal: false) {
                errors.first?.pointer
            } else {
                nil
            }
        }
        #expect(pointer(DeskFixture.call("r", "m")) == "/provider")
        let unbounded = Call(requestID: "r", who: Attribution(team: "t"), model: "endless", inputTokens: 1)
        #expect(pointer(unbounded) == "/max_output_tokens")
        desk.drain()
        guard case .overCapacity = desk.authorize(DeskFixture.call(), at: .after(0), isFinal: false) else {
            Issue.record("a draining desk judged a call")
            return
        }
    }

    @Test("is counted by day, team, models, kind and reason")
    func tallies() throws {
        let budget = DeskFixture.budget(limit: 140)
        var bank = BankModel([budget])
        var desk = Desk(replicaID: 1, configuration: DeskFixture.configuration([budget], ladder: ["opus", "sonnet"]))
        for number in 1...4 { _ = bank.verdict(&desk, DeskFixture.call("r\(number)")) }
        let tallies = desk.takeTallies()
        #expect(
            Set(tallies.map { "\($0.key.verdict) \($0.key.reason?.rawValue ?? "-") \($0.calls)" })
                == ["admit - 1", "downgrade funds_held 1", "deny funds_held 2"])
        #expect(desk.takeTallies().isEmpty)
        desk.putBack(tallies)
        _ = bank.verdict(&desk, DeskFixture.call("r5"))
        #expect(desk.takeTallies().first { $0.key.verdict == .deny }?.calls == 3)
    }
}
