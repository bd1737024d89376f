import Testing

@testable import Accounting

/// Calls that name or come from a snapshot of a model. Each model costs 10 nanodollars a token.
@Suite("A snapshot") struct SnapshotTests {
    private static let (opus, dated, other) = (
        EngineFixture.model("opus"), EngineFixture.model("opus-20251101"), EngineFixture.model("opus-20240806")
    )
    private static let prices = PriceBook(
        models: [opus, dated, other, EngineFixture.model("haiku")].enumerated().map { index, name in
            ModelPrices(
                [.of(.input, 10_000_000, id: Int64(index), model: name)], name: name, maximumOutputTokens: 0)
        }, makers: ["maker"])

    private static func engine(_ budgets: [Budget], ladder: [String]? = nil) -> AdmissionEngine {
        let ladders = ladder.map { [Ladder(team: "t", feature: nil, models: $0, floor: nil)] } ?? []
        return AdmissionEngine(
            replicaID: 1,
            configuration: Configuration(
                version: 1, teams: ["t"], budgets: budgets, ladders: ladders, prices: prices))
    }

    @Test(
        "that a router reports charges the budget of the model that was asked for",
        arguments: [
            (opus, dated, true), (dated, dated, true), (dated, opus, true), (opus, EngineFixture.model("haiku"), false),
        ]
            as [(ModelName, ModelName, Bool)])
    func charges(asked: ModelName, served: ModelName, isCharged: Bool) throws {
        let budgets = [
            EngineFixture.budget(1, limit: 1000, scope: Scope(model: "opus")),
            EngineFixture.budget(2, limit: 1000, scope: Scope(model: "opus-20251101")),
        ]
        var store = LeaseStoreModel(budgets)
        var engine = Self.engine(budgets)
        let hold = try #require(store.verdict(&engine, EngineFixture.call("r", asked.model))?.hold)
        #expect(hold.charges.map(\.budgetNumber) == (asked == Self.dated ? [1, 2] : [1]))
        let charges = engine.beginSettling(hold, served: served, cost: Money(nanodollars: 70), tokens: 7)
        let counted = charges.filter(\.isCounted)
        #expect(counted.map(\.spent) == Array(repeating: 70, count: !isCharged ? 0 : served == Self.dated ? 2 : 1))
    }

    /// The models that may be used, by the verdict's model and what it goes down to.
    @Test(
        "may be used where the ladder or the router names its model",
        arguments: [
            (["opus", "haiku"], nil, "opus-20251101", "opus-20251101"),
            (["opus-20251101", "haiku"], nil, "opus-20251101", "opus-20251101"),
            (["opus-20251101", "haiku"], nil, "opus", nil), (["opus-20251101", "haiku"], nil, "opus-20240806", nil),
            (["opus", "haiku"], ["opus"], "opus-20251101", "opus-20251101"),
            (["opus", "haiku"], ["opus-20251101"], "opus", nil),
            (["haiku", "opus"], ["opus-20251101"], "haiku", "opus-20251101"),
            (["haiku", "opus-20251101"], ["opus"], "haiku", "opus-20251101"),
            (["haiku", "opus-20251101"], ["opus-20240806"], "haiku", nil),
            (nil, ["opus"], "opus-20251101", "opus-20251101"),
        ] as [([String]?, [String]?, String, String?)])
    func ladders(ladder: [String]?, models: [String]?, asked: String, used: String?) throws {
        var store = LeaseStoreModel([])
        var engine = Self.engine([], ladder: ladder)
        let verdict = try #require(store.verdict(&engine, EngineFixture.call("r", asked, models: models)))
        #expect(verdict.model?.model == used)
        if used == nil { #expect(verdict.reason?.code == .modelNotAllowed) }
    }
}
