import Testing

@testable import Accounting

/// Opus costs 10 nanodollars a token.
@Suite("A window") struct ExhaustedTests {
    private let budget = EngineFixture.budget(limit: 100_000)

    /// An engine that has seen the window with `spent`, after calls that were held for `holds` tokens and voided.
    private func engine(
        _ store: inout LeaseStoreModel, spent: Int64, holds: [Int64] = []
    ) throws -> AdmissionEngine {
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([budget]))
        for (number, tokens) in holds.enumerated() {
            let call = EngineFixture.call("h\(number)", tokens: tokens)
            store.void(try #require(store.verdict(&engine, call)?.hold), by: &engine)
        }
        _ = store.open(budget, at: .after(0), spent: spent)
        engine.learn(store.fact(1, for: engine))
        return engine
    }

    @Test(
        "is used up when a call is denied and no typical call fits any more",
        arguments: [
            // A single large call at a fifth of the limit.
            (20_000, [], 8001, false), (20_000, [50, 50, 50], 8001, false),
            // Less than a hundredth of the limit is left.
            (99_000, [], 101, false), (99_001, [], 100, true), (100_000, [], 1, true), (200_000, [], 1, true),
            // Less than a typical hold is left: 500, of the mean of the last ones.
            (95_000, [500], 501, false), (95_001, [500], 500, true), (95_001, [50, 50, 500], 500, false),
        ] as [(Int64, [Int64], Int64, Bool)])
    func usedUp(spent: Int64, holds: [Int64], tokens: Int64, isUsedUp: Bool) throws {
        var store = LeaseStoreModel([budget])
        var engine = try engine(&store, spent: spent, holds: holds)
        let denied = try #require(store.verdict(&engine, EngineFixture.call("r", tokens: tokens)))
        #expect(denied.reason?.code == .budgetExhausted)
        #expect(engine.takeExhausted() == (isUsedUp ? [1] : []))
        // It is told once.
        _ = store.verdict(&engine, EngineFixture.call("s", tokens: tokens))
        #expect(engine.takeExhausted().isEmpty)
    }

    @Test("is told again when more was left in between, by a higher limit or a correction")
    func again() throws {
        var store = LeaseStoreModel([budget])
        var engine = try engine(&store, spent: 100_000)
        func deny(_ id: String) throws -> Set<Int64> {
            let verdict = try #require(store.verdict(&engine, EngineFixture.call(id, tokens: 1000)))
            #expect(verdict.reason?.code == .budgetExhausted)
            return engine.takeExhausted()
        }
        #expect(try deny("a") == [1])
        _ = store.open(budget, at: .after(0), spent: -200)
        engine.learn(store.fact(1, for: engine))
        #expect(try deny("b") == [1])
        store.setLimit(100_100, of: 1)
        engine.learn(store.fact(1, for: engine))
        #expect(try deny("c") == [1])
        _ = store.open(budget, at: .after(0), spent: 50)
        engine.learn(store.fact(1, for: engine))
        #expect(try deny("d").isEmpty)
    }

    @Test("is the same after a dry run, whatever it was answered", arguments: [0, 1_000, 99_990] as [Int64])
    func dryRun(spent: Int64) throws {
        var store = LeaseStoreModel([budget])
        var engine = try engine(&store, spent: spent)
        let before = engine.accounts[1]!
        for tokens: Int64 in [1, 5000, 9_000, 1_000_000] {
            let dry = try #require(store.verdict(&engine, EngineFixture.call("d", tokens: tokens, isDryRun: true)))
            let fits = tokens * 10 <= 100_000 - spent
            #expect(dry.kind == (fits ? .admit : .deny), "\(tokens)")
            #expect(dry.hold == nil)
        }
        let after = engine.accounts[1]!
        #expect(store.row(1)!.leased == 0)
        #expect((after.lease, after.held, after.headroom, after.typicalHold) == (0, 0, 0, 0))
        #expect(after.isNearLimit == before.isNearLimit && after.isExhausted == before.isExhausted)
        #expect(after.lastUsedAt == before.lastUsedAt && after.lastAskedAt == before.lastAskedAt)
        #expect(engine.takeExhausted().isEmpty)
        #expect(engine.takeVerdictCounts().isEmpty)
        // The real call is judged as the dry run said.
        let fits = 50 * 10 <= 100_000 - spent
        #expect(store.verdict(&engine, EngineFixture.call("r", tokens: 50))?.kind == (fits ? .admit : .deny))
    }
}
