import SeededRandom
import Testing

@testable import Accounting

@Suite("A budget of every value") struct WildcardScopeTests {
    private static let gpt = ModelName(provider: "openai", model: "gpt")

    private static func budget(
        _ number: Int64, _ scope: Scope, _ enforcement: Budget.Enforcement = .hard, unit: Budget.Unit = .usd,
        owner: Budget.Owner = .team, isGranted: Bool = true
    ) -> Budget {
        Budget(
            number: number, id: "b\(number)", version: 1, scope: scope, period: .month, zone: .utc, unit: unit,
            limit: 1,
            enforcement: enforcement, downgradeAt: nil, alertAt: [], owner: owner, isGranted: isGranted,
            createdAt: Timestamp(seconds: 0))
    }

    private static func matches(
        _ budgets: [Budget], _ who: Attribution, _ model: ModelName = gpt
    ) -> [(number: Int64, value: [String])] {
        let index = ScopeIndex(budgets, prices: ScopeIndexTests.prices)
        var found: [ScopeIndex.Match] = []
        index.find(who, model, into: &found)
        return found.map { match in
            let value = index.value(of: who, model, at: match.place)
            let number = index.budgets[match.place].number
            // The windows of a value are found under one number, whether a call asks for them or a stored row.
            let key = WindowKey(
                budgetNumber: number, span: WindowSpan(start: Timestamp(seconds: 0), end: nil), value: value)
            #expect(match.valueKey == key.valueKey)
            #expect(index.isValue(value, of: who, model, at: match.place))
            return (number, value.values)
        }
    }

    @Test("counts a call under the call's own values, and no call that lacks one")
    func values() {
        let budgets = [
            Self.budget(1, Scope(team: "t", each: .run)), Self.budget(2, Scope(each: [.team, .feature])),
            Self.budget(3, Scope(each: .user, eachTag: ["customer"])), Self.budget(4, Scope(each: .model)),
            Self.budget(5, Scope(each: .provider)), Self.budget(6, Scope()),
        ]
        let customer = Accounting.Tag(key: "customer", value: "[acme]")
        let who = Attribution(team: "t", feature: "f", user: "u", run: "r", tags: [customer])
        let found = Self.matches(budgets, who)
        #expect(found.map(\.number) == [1, 2, 3, 4, 5, 6])
        #expect(found.map(\.value) == [["r"], ["t", "f"], ["u", "[acme]"], ["openai/gpt"], ["openai"], []])
        #expect(Self.matches(budgets, Attribution(team: "x", feature: "f")).map(\.number) == [2, 4, 5, 6])
        let noCustomer = Attribution(team: "x", user: "u")
        #expect(Self.matches(budgets, noCustomer).map(\.number) == [4, 5, 6])
    }

    @Test("has the windows of a model for its snapshots too")
    func snapshots() {
        let budgets = [Self.budget(1, Scope(each: .model))]
        for name in ["gpt", "gpt-2024-08-06", "gpt-0613"] {
            let found = Self.matches(budgets, Attribution(team: "t"), ModelName(provider: "openai", model: name))
            #expect(found.map(\.value) == [["openai/gpt"]], "\(name)")
        }
    }

    @Test("leaves a value to the budget that it has of its own")
    func ownBudgets() {
        let wide = Self.budget(1, Scope(each: .team), owner: .company)
        func counting(_ own: Budget, _ who: Attribution = Attribution(team: "t", feature: "f")) -> [Int64] {
            Self.matches([wide, own], who).map(\.number)
        }
        #expect(counting(Self.budget(2, Scope(team: "t"))) == [2])
        #expect(counting(Self.budget(2, Scope(team: "u"))) == [1])
        #expect(counting(Self.budget(2, Scope(team: "t"), owner: .company)) == [2])
        // A budget of a part of the team is none of the team's.
        #expect(counting(Self.budget(2, Scope(team: "t", feature: "f"))) == [1, 2])
        // A team does not get out of the company's default by a budget that it gave itself.
        #expect(counting(Self.budget(2, Scope(team: "t"), isGranted: false)) == [1, 2])
        // What denies nothing, or counts something else, is in place of nothing that denies.
        #expect(counting(Self.budget(2, Scope(team: "t"), .shadow)) == [1, 2])
        #expect(counting(Self.budget(2, Scope(team: "t"), unit: .calls)) == [1, 2])
    }

    @Test("leaves a value to its own budget also where that comes later, and takes it back when that is removed")
    func laterBudgets() {
        let prices = ScopeIndexTests.prices
        let who = Attribution(team: "t", run: "r")
        var index = ScopeIndex([Self.budget(1, Scope(team: "t", each: .run))], prices: prices)
        #expect(index.counting(who, Self.gpt).map(\.number) == [1])
        index = index.changing(
            [Self.budget(2, Scope(team: "t", run: "r"))], removing: [], prices: prices, haveNewPrices: false)
        #expect(index.counting(who, Self.gpt).map(\.number) == [2])
        #expect(index.counting(Attribution(team: "t", run: "other"), Self.gpt).map(\.number) == [1])
        index = index.changing([], removing: [2], prices: prices, haveNewPrices: false)
        #expect(index.counting(who, Self.gpt).map(\.number) == [1])
    }

    @Test("finds what a look at each field finds", arguments: seeds)
    func naive(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        func maybe(_ names: [String]) -> String? { random.chance(percent: 60) ? random.pick(names) : nil }
        for _ in 0..<20 {
            let budgets = (1...60).map { number in
                var each = ScopeFields()
                for (field, _) in ScopeFields.all where random.chance(percent: 20) { each.insert(field) }
                func name(_ field: ScopeFields, _ names: [String]) -> String? {
                    !each.contains(field) && random.chance(percent: 25) ? random.pick(names) : nil
                }
                // Of units of their own, so that none is in place of another.
                return Self.budget(
                    Int64(number),
                    Scope(
                        team: name(.team, ["a", "b"]), feature: name(.feature, ["a", "f"]), user: name(.user, ["u"]),
                        run: name(.run, ["r", "s"]), each: each, eachTag: random.chance(percent: 20) ? ["k"] : []),
                    each.isEmpty ? .shadow : .hard)
            }
            for _ in 0..<40 {
                let who = Attribution(
                    team: random.pick(["a", "b", "c"]), feature: maybe(["a", "f"]), user: maybe(["u", "a"]),
                    run: maybe(["r", "s", "t"]),
                    tags: random.chance(percent: 50) ? [Accounting.Tag(key: "k", value: random.pick(["", "v"]))] : [])
                let expected = budgets.filter { budget in
                    let scope = budget.scope
                    func fits(_ field: ScopeFields, _ named: String?, _ value: String?) -> Bool {
                        scope.each.contains(field) ? value != nil : named == nil || named == value
                    }
                    return fits(.team, scope.team, who.team) && fits(.feature, scope.feature, who.feature)
                        && fits(.user, scope.user, who.user) && fits(.run, scope.run, who.run)
                        && scope.eachTag.allSatisfy { who.tag($0) != nil }
                }
                #expect(Self.matches(budgets, who).map(\.number) == expected.map(\.number), "seed \(seed): \(who)")
            }
        }
    }

    @Test(
        "stores its values in texts that say which they are",
        arguments: [
            ([], ""), (["agent-7"], "agent-7"), ([""], #"[""]"#), (["[x]"], #"["[x]"]"#), (["a", "b"], #"["a","b"]"#),
            (["a", ""], #"["a",""]"#), ([#"a"b"#, "ü"], #"["a\"b","ü"]"#),
        ] as [([String], String)])
    func texts(values: [String], text: String) {
        let value = WindowValue(values)
        #expect(value.text == text)
        #expect(WindowValue(text: text) == value)
        #expect(value.values == values)
    }
}
