import JSON
import Testing

@testable import Accounting

@Suite("Amounts at the ends of their range") struct ExtremeAmountTests {
    /// A window's row: limit, spent, leased by all, leased here.
    struct Row: Sendable, CustomTestStringConvertible {
        let limit: Int64
        let spent: Int64
        let leased: Int64
        let leasedHere: Int64

        var testDescription: String { "\(limit), \(spent), \(leased), \(leasedHere)" }
    }

    private static let amounts: [Int64] = [.min, .min + 1, -1, 0, 1, 1_000_000_000_000_000_000, .max - 1, .max]

    static let rows: [Row] = amounts.filter { $0 >= 0 }.flatMap { limit in
        amounts.flatMap { spent in
            [(0, 0), (Int64.max, 0), (.max, .max), (.max, .min)].map { leased, here in
                Row(limit: limit, spent: spent, leased: leased, leasedHere: here)
            }
        }
    }

    @Test(
        "stop no replica, whatever a window's row has and whatever happens to it",
        arguments: Budget.Unit.allCases, [Budget.Enforcement.hard, .soft])
    func memory(unit: Budget.Unit, enforcement: Budget.Enforcement) {
        for row in Self.rows {
            let budget = EngineFixture.budget(limit: row.limit, unit: unit, enforcement, downgradeAt: 80)
            var engine = AdmissionEngine(
                replicaID: 1, configuration: EngineFixture.configuration([budget], ladder: ["opus", "haiku"]))
            let key = WindowKey(budgetNumber: 1, span: budget.window(containing: EngineFixture.start))
            var revision: Int64 = 0
            func fact(_ row: Row) -> WindowFacts {
                revision += 1
                return WindowFacts(
                    windowID: 1, key: key, limit: row.limit, spent: row.spent, leased: row.leased,
                    leasedHere: row.leasedHere, leasedByGone: row.leasedHere, revision: revision)
            }
            engine.learn(fact(row))
            engine.learn(fact(row))
            for (number, isFinal) in [false, true].enumerated() {
                let call = EngineFixture.call("r\(number)", tokens: 1_000_000_000)
                var holds: [Hold] = []
                switch engine.authorize(call, at: .after(0), isFinal: isFinal) {
                case .verdict(let verdict, _):
                    for state in verdict.budgets { _ = state.remaining }
                    if let hold = verdict.hold { holds.append(hold) }
                case .ask(let ask):
                    let snapshot = engine.beginGrantBatch([ask], topUps: [1], revoked: [1], at: .after(0))
                    let plan = Allocation(asks: [ask], windows: [fact(row)], snapshot: snapshot)
                    engine.endGrantBatch([fact(row)], plan, snapshot, at: .after(0))
                default: break
                }
                for hold in holds {
                    let charges = engine.beginSettling(
                        hold, served: EngineFixture.model("opus"), cost: Money(nanodollars: .max), tokens: .max)
                    engine.finish(hold, charges, wasFirst: true)
                }
            }
            _ = engine.charges(
                for: Attribution(team: "t"), model: EngineFixture.model("opus"), cost: Money(nanodollars: .min),
                tokens: .max, occurredAt: EngineFixture.start)
            _ = engine.takeIdle(at: .after(20), all: true)
            _ = engine.state(of: budget, at: EngineFixture.start)?.remaining
        }
    }

    @Test(
        "stop a sum at the end of its range",
        arguments: [
            (Int64.max, 1, Int64.max, .max - 1), (.max, -1, .max - 1, .max), (.min, -1, .min, .min + 1),
            (.min, 1, .min + 1, .min), (0, .min, .min, .max), (-1, .max, .max - 1, .min), (5, 7, 12, -2),
        ] as [(Int64, Int64, Int64, Int64)])
    func sums(left: Int64, right: Int64, sum: Int64, difference: Int64) {
        #expect(left.plus(right) == sum)
        #expect(left.minus(right) == difference)
        #expect((Money(nanodollars: left) + Money(nanodollars: right)).nanodollars == sum)
        #expect((Money(nanodollars: left) - Money(nanodollars: right)).nanodollars == difference)
    }

    @Test("of one call are refused above its limits, before anything is held")
    func limits() {
        let budget = EngineFixture.budget(limit: .max)
        func outcome(_ limits: CallLimits, tokens: Int64) -> AuthorizeOutcome {
            let configuration = EngineFixture.configuration([budget])
            var engine = AdmissionEngine(replicaID: 1, configuration: configuration, callLimits: limits)
            return engine.authorize(EngineFixture.call(tokens: tokens), at: .after(0), isFinal: false)
        }
        func detail(_ limits: CallLimits, tokens: Int64) -> String? {
            if case .refused(let errors) = outcome(limits, tokens: tokens) { errors.first?.detail } else { nil }
        }
        let few = CallLimits(quantity: 100, cost: Money(nanodollars: 500))
        #expect(detail(few, tokens: 50) == nil)
        #expect(detail(few, tokens: 51) == "could cost more than $0.0000005, the most that one call may")
        let cheap = CallLimits(quantity: 50, cost: .maximumCost)
        #expect(detail(cheap, tokens: 50) == nil)
        #expect(
            detail(cheap, tokens: 51)
                == "could use 51 tokens, more than 50, the most that one call may use (PURSER_MAX_CALL_TOKENS)")
        #expect(detail(.standard, tokens: 1_000_000_000) == nil)
        #expect(detail(.standard, tokens: 1_000_000_001) != nil)
    }
}
