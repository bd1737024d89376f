import Testing

@testable import Accounting

/// At the fixture's start 65% of the month have passed: of 100,000 nanodollars 65,000 are planned, the tolerance is 500 and
/// a step 1,000.
@Suite("A paced budget") struct PacingTests {
    private static func budget(
        _ enforcement: Budget.Enforcement = .hard, scope: Scope = Scope(team: "t"), isPaced: Bool = true,
        limit: Int64 = 100_000, profile: SpendingProfile? = nil
    ) -> Budget {
        Budget(
            number: 1, id: "budget-1", version: 1, scope: scope, period: .month, zone: .utc, unit: .usd, limit: limit,
            enforcement: enforcement, downgradeAt: nil, alertAt: [], rules: BudgetRules(isPaced: isPaced),
            profile: profile, createdAt: Timestamp(seconds: 0))
    }

    private static func replica(
        _ budget: Budget, spent: Int64, ladder: [String]? = ["opus", "sonnet", "haiku"]
    ) -> (LeaseStoreModel, AdmissionEngine) {
        var store = LeaseStoreModel([budget])
        _ = store.open(budget, at: .after(0), spent: spent)
        let configuration = EngineFixture.configuration([budget], ladder: ladder)
        return (store, AdmissionEngine(replicaID: 1, configuration: configuration))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let spent: Int64
        var budget = PacingTests.budget()
        var ladder: [String]? = ["opus", "sonnet", "haiku"]
        var call = EngineFixture.call()
        /// Nil on a denial.
        let model: String?
        var reason: Reason.Code? = .pacing
    }

    static let cases = [
        Case(testDescription: "that is on its plan admits", spent: 65_000, model: "opus", reason: nil),
        Case(testDescription: "that is within the tolerance admits", spent: 65_500, model: "opus", reason: nil),
        Case(testDescription: "that is a little ahead rules out the model asked for", spent: 65_501, model: "sonnet"),
        Case(testDescription: "that is almost a step further ahead rules out no more", spent: 66_499, model: "sonnet"),
        Case(testDescription: "that is a step further ahead rules out one more", spent: 66_500, model: "haiku"),
        Case(testDescription: "that is far ahead never rules out the last model", spent: 99_000, model: "haiku"),
        Case(
            testDescription: "denies what its last model does not fit", spent: 99_991, model: nil,
            reason: .budgetExhausted),
        Case(
            testDescription: "does nothing without a ladder", spent: 90_000, ladder: nil, model: "opus", reason: nil),
        Case(
            testDescription: "that is not paced admits", spent: 90_000, budget: budget(isPaced: false), model: "opus",
            reason: nil),
        Case(testDescription: "that is soft is paced too", spent: 66_500, budget: budget(.soft), model: "haiku"),
        Case(
            testDescription: "that is shadow only watches", spent: 90_000, budget: budget(.shadow), model: "opus",
            reason: nil),
        Case(
            testDescription: "counts the models that the router cannot serve as ruled out", spent: 65_501,
            call: EngineFixture.call(models: ["sonnet", "haiku"]), model: "sonnet", reason: .modelNotAllowed),
        Case(
            testDescription: "lets a call begin lower", spent: 65_501, call: EngineFixture.call("r", "haiku"),
            model: "haiku", reason: nil),
        Case(
            testDescription: "tells a dry run the same", spent: 66_500, call: EngineFixture.call(isDryRun: true),
            model: "haiku"),
        Case(
            testDescription: "without a limit denies", spent: 0, budget: budget(limit: 0), model: nil,
            reason: .overCallLimit),
    ]

    @Test(arguments: cases) func judges(_ row: Case) throws {
        var (store, engine) = Self.replica(row.budget, spent: row.spent, ladder: row.ladder)
        let verdict = try #require(store.verdict(&engine, row.call))
        #expect(verdict.model?.model == row.model)
        #expect(verdict.reason?.code == row.reason)
    }

    @Test("counts what calls in flight hold, and says so") func holds() throws {
        var (store, engine) = Self.replica(Self.budget(), spent: 65_450)
        #expect(store.verdict(&engine, EngineFixture.call("a"))?.kind == .admit)
        let second = try #require(store.verdict(&engine, EngineFixture.call("b")))
        #expect(second.kind == .downgrade && second.model?.model == "sonnet")
        #expect(
            second.reason?.message == """
                budget-1 has spent 65.4% of its $0.0001 this month and holds $0.0000001 for calls in flight and is 65% through \
                it; so that it lasts, calls that ask for opus go to a lower model.
                """)
    }

    @Test("is not ahead by a few holds of the size that calls here have") func firstCalls() throws {
        var (store, engine) = Self.replica(Self.budget(limit: 10_000), spent: 6_500)
        // Each holds a hundredth of the limit. Without them 50 would be the tolerance, and it is 118 at the most.
        for (call, model) in [("a", "opus"), ("b", "opus"), ("c", "sonnet")] {
            #expect(store.verdict(&engine, EngineFixture.call(call))?.model?.model == model, "\(call)")
        }
    }

    @Test("admits again once time has caught up") func catchesUp() throws {
        var (store, engine) = Self.replica(Self.budget(), spent: 66_000)
        let later: Int64 = 6 * 3_600
        #expect(store.verdict(&engine, EngineFixture.call("a"))?.kind == .downgrade)
        #expect(store.verdict(&engine, EngineFixture.call("b"), at: .after(later))?.kind == .admit)
    }

    @Test("follows the profile of its scope, and says so, also after the profile has changed") func profile() throws {
        var weights = [Int64](repeating: 1, count: SpendingProfile.hours)
        weights[4 * 24 + 13] = 100_000_000
        let profile = try #require(SpendingProfile(weights: weights))
        // The fixture starts on a Friday at noon. Of the four busy hours of the month two are over.
        let paced = Self.budget(profile: profile)
        var (store, engine) = Self.replica(paced, spent: 52_000)
        let verdict = try #require(store.verdict(&engine, EngineFixture.call("a")))
        #expect(verdict.model?.model == "haiku")
        #expect(
            verdict.reason?.message.contains("52% of its $0.0001 this month and its usual weeks plan 50% by now;")
                == true,
            "\(verdict.reason?.message ?? "")")
        engine.adopt(EngineFixture.configuration([Self.budget()], ladder: ["opus", "sonnet", "haiku"]))
        #expect(store.verdict(&engine, EngineFixture.call("b"))?.kind == .admit)
    }

    @Test("paces the window of each value by itself") func values() throws {
        let budget = Self.budget(.soft, scope: Scope(team: "t", each: .run))
        var engine = AdmissionEngine(
            replicaID: 1, configuration: EngineFixture.configuration([budget], ladder: ["opus", "haiku"]))
        for (id, run, spent) in [(Int64(1), "fast", Int64(70_000)), (2, "slow", 10_000)] {
            engine.learn(
                WindowFacts(
                    windowID: id,
                    key: WindowKey(
                        budgetNumber: 1, span: budget.window(containing: EngineFixture.start),
                        value: WindowValue([run])), limit: budget.limit, spent: spent, leased: 0, leasedHere: 0,
                    revision: 1))
        }
        for (run, model) in [("fast", "haiku"), ("slow", "opus")] {
            let call = EngineFixture.call(run, who: Attribution(team: "t", run: run))
            guard case .verdict(let verdict, _) = engine.authorize(call, at: .after(0), isFinal: true) else {
                Issue.record("\(run)")
                continue
            }
            #expect(verdict.model?.model == model, "\(run)")
        }
    }
}
