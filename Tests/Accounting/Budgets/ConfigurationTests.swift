import Testing

@testable import Accounting

@Suite("A configuration") struct ConfigurationTests {
    private func configuration(_ ladders: [Ladder] = []) -> Configuration {
        Configuration(version: 1, teams: ["t"], budgets: [], ladders: ladders, prices: PriceBookTests.book)
    }

    private static func ladder(_ team: String, _ feature: String?, _ models: [String], floor: String? = nil) -> Ladder {
        Ladder(team: team, feature: feature, models: models, floor: floor)
    }

    @Test(
        "gives a feature its own ladder, or its team's, down to the floor, by full names",
        arguments: [
            (Attribution(team: "t", feature: "f"), ["openai/gpt-4o", "groq/llama"]),
            (Attribution(team: "t", feature: "other"), ["anthropic/claude-4-20250101", "azure/gpt-4o"]),
            (Attribution(team: "t"), ["anthropic/claude-4-20250101", "azure/gpt-4o"]),
            (Attribution(team: "x", feature: "f"), ["openai/gpt-4o"]), (Attribution(team: "x"), nil),
            (Attribution(team: "x/f"), nil), (Attribution(team: "other", feature: "t"), nil),
        ] as [(Attribution, [String]?)])
    func ladders(who: Attribution, models: [String]?) {
        let configuration = configuration([
            Self.ladder("t", "f", ["gpt-4o", "groq/llama", "azure/gpt-4o"], floor: "groq/llama"),
            Self.ladder("t", nil, ["claude-4", "azure/gpt-4o"]),
            Self.ladder("x", "f", ["gpt-4o", "llama"], floor: "gpt-4o"),
        ])
        #expect(configuration.ladder(for: who)?.map(\.description) == models)
    }

    @Test("without ladders restricts nothing, and an empty one allows nothing")
    func noLadders() {
        #expect(configuration().ladder(for: Attribution(team: "t")) == nil)
        #expect(configuration([Self.ladder("t", nil, [])]).ladder(for: Attribution(team: "t")) == [])
    }
}

@Suite("A budget") struct BudgetTests {
    @Test("has no window that ended before it was made")
    func windows() {
        func budget(_ made: String) -> Budget {
            Budget(
                number: 1, id: "b", version: 1, scope: Scope(team: "t"), period: .month, zone: .utc, unit: .usd,
                limit: 1,
                enforcement: .hard, downgradeAt: nil, alertAt: [.whole, Fraction(millionths: 500_000)],
                createdAt: Timestamp(rfc3339: made)!)
        }
        func window(_ moment: String) -> WindowSpan {
            Period.month.window(containing: Timestamp(rfc3339: moment)!, in: .utc)
        }
        let october = window("2026-10-31T23:59:59Z")
        #expect(!budget("2026-11-01T00:00:00Z").hasWindow(october))
        #expect(budget("2026-10-31T23:59:59.999999Z").hasWindow(october))
        let budget = budget("2026-11-10T00:00:00Z")
        #expect(budget.hasWindow(window("2026-11-01T00:00:00Z")))
        #expect(!budget.hasWindow(october))
        #expect(budget.alertAt.map(\.percent) == ["50%", "100%"])
    }

    @Test(
        "tells amounts in its unit",
        arguments: [
            (.usd, 1_500_000_000, "1.5", "$1.50"), (.usd, -1, "-0.000000001", "-$0.000000001"),
            (.tokens, 7, "7", "7 tokens"),
            (.calls, -2, "-2", "-2 calls"),
        ] as [(Budget.Unit, Int64, String, String)])
    func units(unit: Budget.Unit, amount: Int64, text: String, phrase: String) {
        #expect(unit.text(amount) == text)
        #expect(unit.phrase(amount) == phrase)
    }
}
