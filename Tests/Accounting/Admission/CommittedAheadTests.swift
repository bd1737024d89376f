import Testing

@testable import Accounting

@Suite("A window that is charged while it is opened") struct CommittedAheadTests {
    private static let budget = Budget(
        number: 1, id: "b", version: 1, scope: Scope(team: "t"), period: .total, zone: .utc, unit: .usd, limit: 1_000,
        enforcement: .soft, downgradeAt: nil, alertAt: [], createdAt: Timestamp(seconds: 0))

    private static func engine() -> AdmissionEngine {
        AdmissionEngine(
            replicaID: 1,
            configuration: Configuration(version: 1, teams: ["t"], budgets: [budget], ladders: [], prices: .empty))
    }

    /// The row as the opening has read it: at revision 2, with nothing spent.
    private static let fact = WindowFacts(
        windowID: 7, key: WindowKey(budgetNumber: 1, span: WindowSpan(start: Timestamp(seconds: 0), end: nil)),
        limit: 1_000, spent: 0, leased: 0, leasedHere: 0, revision: 2)

    @Test(
        "counts what was charged, whichever of the two is heard of first",
        arguments: [(true, Int64(3)), (false, 3), (true, 2)])
    func charged(isChargeFirst: Bool, revision: Int64) {
        var engine = Self.engine()
        if !isChargeFirst { engine.learn(Self.fact) }
        engine.learn(windowID: 7, limit: 1_000, spent: 40, leased: 0, revision: revision)
        if isChargeFirst { engine.learn(Self.fact) }
        #expect(engine.accounts[7]?.spent == 40)
    }

    @Test("is not remembered for ever where it is never opened")
    func bound() {
        var engine = Self.engine()
        for window in 100..<2_000 as Range<Int64> {
            engine.learn(windowID: window, limit: 1, spent: 1, leased: 0, revision: 1)
        }
        #expect(engine.committedAhead.count <= 256)
    }
}
