import SeededRandom
import Testing

@testable import Accounting

@Suite("The budgets that count a call") struct ScopeIndexTests {
    static let prices = PriceBook(
        models: [
            ("openai", "gpt"), ("azure", "gpt"), ("google", "gem"), ("groq", "llama"), ("together_ai", "llama"),
            ("openai", "gpt-2024-08-06"), ("openai", "gpt-0613"), ("azure", "gpt-2024-08-06"), ("google", "gem-latest"),
        ]
        .map {
            let name = ModelName(provider: $0.0, model: $0.1)
            return ModelPrices([.of(.input, 1, model: name)], name: name)
        }, makers: ["openai", "google"])

    static func budget(_ number: Int64, _ scope: Scope) -> Budget {
        Budget(
            number: number, id: "b\(number)", version: 1, scope: scope, period: .month, zone: .utc, unit: .usd,
            limit: 1,
            enforcement: .hard, downgradeAt: nil, alertAt: [], createdAt: Timestamp(seconds: 0))
    }

    /// The models of the snapshots in the price book.
    private static let families = [
        "openai/gpt-2024-08-06": "openai/gpt", "openai/gpt-0613": "openai/gpt", "azure/gpt-2024-08-06": "azure/gpt",
        "google/gem-latest": "google/gem",
    ]

    private static func numbers(_ scopes: [Scope], _ who: Attribution, _ model: ModelName) -> [Int64] {
        let budgets = scopes.enumerated().map { budget(Int64($0.offset), $0.element) }
        return ScopeIndex(budgets, prices: prices).counting(who, model).map(\.number)
    }

    /// Compares every field that a scope names, one by one.
    private static func counts(_ scope: Scope, _ who: Attribution, _ model: ModelName) -> Bool {
        if let team = scope.team, who.team != team { return false }
        if let feature = scope.feature, who.feature != feature { return false }
        if let user = scope.user, who.user != user { return false }
        if let run = scope.run, who.run != run { return false }
        if let name = scope.model.map({ prices.name(of: $0, provider: scope.provider) }), name != model {
            if name.description != families[model.description] { return false }
        }
        if let provider = scope.provider, model.provider != provider { return false }
        for tag in scope.tags where !who.tags.contains(tag) { return false }
        return true
    }

    @Test("are those that a look at each of them finds, by number", arguments: seeds)
    func naive(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        func maybe(_ names: [String]) -> String? { random.chance(percent: 45) ? random.pick(names) : nil }
        func tags() -> [Accounting.Tag] {
            ["env", "tier"].filter { _ in random.chance(percent: 30) }.map {
                Accounting.Tag(key: $0, value: random.pick(["a", "b"]))
            }
        }
        var found = 0
        for _ in 0..<15 {
            let scopes = (0..<120).map { _ in
                Scope(
                    team: maybe(["t1", "t2"]), feature: maybe(["f", "t1"]), user: maybe(["u", "f"]), run: maybe(["r"]),
                    model: maybe([
                        "gpt", "azure/gpt", "gem", "llama", "groq/llama", "new", "gpt-2024-08-06", "gpt-0613",
                        "azure/gpt-2024-08-06", "gem-latest",
                    ]),
                    provider: maybe(["openai", "azure", "groq"]), tags: tags())
            }
            let index = ScopeIndex(
                scopes.enumerated().map { Self.budget(Int64($0.offset), $0.element) }, prices: Self.prices)
            for _ in 0..<100 {
                let who = Attribution(
                    team: random.pick(["t1", "t2", "t3"]), feature: maybe(["f", "t1"]), user: maybe(["u", "f"]),
                    run: maybe(["r"]),
                    tags: tags())
                let model = Self.prices.name(
                    of: random.pick([
                        "gpt", "azure/gpt", "gem", "groq/llama", "new", "llama", "gpt-2024-08-06", "gpt-0613",
                        "azure/gpt-2024-08-06", "gem-latest",
                    ]),
                    provider: random.chance(percent: 20) ? random.pick(["azure", "groq"]) : nil)
                let expected = scopes.indices.filter { Self.counts(scopes[$0], who, model) }.map(Int64.init)
                #expect(
                    index.counting(who, model).map(\.number) == expected, "seed \(seed): \(who) \(model)")
                found += expected.count
            }
        }
        #expect(found > 1000)
    }

    private static let gpt = ModelName(provider: "openai", model: "gpt")

    @Test("never name a field that the call lacks")
    func absentFields() {
        let scopes = [
            Scope(team: "t", feature: "f"), Scope(team: "t", user: "u"), Scope(team: "t", run: "r"),
            Scope(team: "t", tags: [Accounting.Tag(key: "env", value: "")]), Scope(team: "t", feature: ""),
            Scope(feature: "t"),
        ]
        #expect(Self.numbers(scopes, Attribution(team: "t"), Self.gpt).isEmpty)
        #expect(Self.numbers([Scope(), Scope(team: "t")], Attribution(team: "t"), Self.gpt) == [0, 1])
    }

    @Test("by tags need every tag with its value, in any order")
    func tags() {
        let (env, tier) = (Accounting.Tag(key: "env", value: "prod"), Accounting.Tag(key: "tier", value: "1"))
        let scopes = [
            Scope(tags: [env]), Scope(tags: [tier, env]), Scope(tags: [Accounting.Tag(key: "env", value: "1")]),
            Scope(tags: [env, Accounting.Tag(key: "other", value: "1")]),
        ]
        #expect(Self.numbers(scopes, Attribution(team: "t", tags: [tier, env]), Self.gpt) == [0, 1])
        #expect(Self.numbers(scopes, Attribution(team: "t", tags: [env]), Self.gpt) == [0])
    }

    @Test("are found by names that are equal, in whatever bytes they are spelled")
    func spelling() {
        let scopes = [
            Scope(team: "caf\u{E9}"), Scope(team: "cafe"), Scope(tags: [Accounting.Tag(key: "k", value: "K")]),
        ]
        #expect(Self.numbers(scopes, Attribution(team: "cafe\u{301}"), Self.gpt) == [0])
        let kelvin = Accounting.Tag(key: "k", value: "\u{212A}")
        #expect(Self.numbers(scopes, Attribution(team: "x", tags: [kelvin]), Self.gpt) == [2])
    }

    @Test("are all of those with the same scope")
    func sameScope() {
        let scopes = Array(repeating: Scope(team: "t"), count: 50)
        #expect(Self.numbers(scopes, Attribution(team: "t"), Self.gpt) == Array(0..<50))
    }

    @Test("are found by their ids, also after some were changed, added, removed and made again")
    func ids() {
        var index = ScopeIndex([Self.budget(1, Scope()), Self.budget(2, Scope())], prices: Self.prices)
        func change(_ budgets: [Budget], removing removed: Set<Int64> = []) {
            index = index.changing(budgets, removing: removed, prices: Self.prices, haveNewPrices: false)
        }
        func numbers() -> [Int64?] { ["b1", "b2", "b3", "b4"].map { index.budget(id: $0)?.number } }
        #expect(numbers() == [1, 2, nil, nil])
        change([Self.budget(2, Scope(team: "t")), Self.budget(4, Scope()), Self.budget(3, Scope())])
        #expect(numbers() == [1, 2, 3, 4])
        #expect(index.budget(id: "b2")?.scope.team == "t")
        change([], removing: [1])
        #expect(numbers() == [nil, 2, 3, 4])
        let again = Budget(
            number: 9, id: "b2", version: 1, scope: Scope(), period: .month, zone: .utc, unit: .usd, limit: 1,
            enforcement: .hard, downgradeAt: nil, alertAt: [], createdAt: Timestamp(seconds: 0))
        change([again], removing: [2])
        #expect(numbers() == [nil, 9, 3, 4])
    }

    @Test("by a bare model name count its maker's own API only")
    func bareModel() {
        let scopes = [
            Scope(model: "gpt"), Scope(model: "openai/gpt"), Scope(model: "azure/gpt"), Scope(provider: "azure"),
            Scope(model: "gpt", provider: "azure"),
        ]
        let who = Attribution(team: "t")
        #expect(Self.numbers(scopes, who, Self.gpt) == [0, 1])
        #expect(Self.numbers(scopes, who, ModelName(provider: "azure", model: "gpt")) == [2, 3, 4])
    }
}

extension ScopeIndex {
    /// The budgets that count a call of `who` served by `model`, in the order of their numbers.
    func counting(_ who: Attribution, _ model: ModelName) -> [Budget] {
        var found: [Match] = []
        find(who, model, into: &found)
        return found.map { budgets[$0.place] }
    }
}
