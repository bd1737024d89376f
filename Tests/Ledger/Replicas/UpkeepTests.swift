import Accounting
import Testing

@testable import Ledger

@Suite("The upkeep of a replica") struct UpkeepTests {
    private static let start = Timestamp(seconds: 1_000_000)

    private static func moment(_ seconds: Int64) -> Moment {
        Moment(wall: start.adding(seconds: seconds), monotonicNanoseconds: seconds * 1_000_000_000)
    }

    /// A replica core with a leased window for each of `count` teams.
    private static func core(teams count: Int64) -> ReplicaCore {
        let budgets = (1...count).map { number in
            Budget(
                number: number, id: "b\(number)", version: 1, scope: Scope(team: "t\(number)"), period: .total,
                zone: .utc, unit: .calls, limit: 100, enforcement: .hard, downgradeAt: nil, alertAt: [],
                createdAt: Timestamp(seconds: 0))
        }
        let configuration = Configuration(version: 1, teams: [], budgets: budgets, ladders: [], prices: .empty)
        var core = ReplicaCore(AdmissionEngine(replicaID: 1, configuration: configuration))
        core.update { engine in
            let needs = budgets.map { LeaseAsk.Need(windowID: $0.number, amount: 10, holdSeconds: 600) }
            let facts = budgets.map { budget in
                WindowFacts(
                    windowID: budget.number,
                    key: WindowKey(budgetNumber: budget.number, span: budget.window(containing: start)), limit: 100,
                    spent: 0, leased: 0, leasedHere: 0, revision: 1)
            }
            for fact in facts { engine.learn(fact) }
            let asks = [LeaseAsk(alternatives: [needs])]
            let now = Moment(wall: start, monotonicNanoseconds: 0)
            let snapshot = engine.beginGrantBatch(asks, at: now)
            engine.endGrantBatch(
                facts, Allocation(asks: asks, windows: facts, snapshot: snapshot), snapshot, at: now)
        }
        return core
    }

    @Test("comes in parts, which together end every expired hold and give back every idle lease")
    func parts() throws {
        let teams: Int64 = 1500
        var core = Self.core(teams: teams)
        for number in 1...teams {
            let call = Call(
                requestID: "r", who: Attribution(team: "t\(number)"), model: "m", inputTokens: 1, maxOutputTokens: 1,
                holdSeconds: number % 2 == 0 ? 5 : 600)
            guard case .verdict(let verdict, _) = core.authorize(call, ticket: 0, at: Self.moment(0)) else {
                Issue.record("team \(number) waits")
                return
            }
            #expect(verdict.hold != nil)
        }
        var parts = 0
        var jobs = [core.ledger.waiting.count]
        repeat {
            parts += 1
            jobs.append(core.ledger.waiting.count)
        } while core.tick(at: Self.moment(60)) && parts < 1000
        jobs.append(core.ledger.waiting.count)
        #expect(parts > 10 && parts < 1000)
        #expect(zip(jobs, jobs.dropFirst()).allSatisfy { $1 - $0 <= 100 })
        #expect(core.ledger.waiting.count == Int(teams / 2))
        #expect(Set(core.ledger.waiting.jobs.compactMap { $0.hold?.id }).count == Int(teams / 2))
        // Holds that have not expired keep their money, and so do holds whose end is on its way.
        #expect(core.leaseViews.allSatisfy { $0.held == 1 && $0.idle == 0 })
        #expect(core.leaseViews.count == Int(teams))
        #expect(!core.leases.isIdle)
    }
}
