import JSON
import Testing

@testable import purser

@Suite struct BudgetFileTests {
    @Test("money is a text, counts and shares are numbers, and names are texts whatever they look like")
    func values() throws {
        let file = try BudgetFile(
            """
            budgets:
              team/search:
                scope: {tags: {v: 2, env: prod}, feature: 7, team: search}
                period: {days: 7}
                limit_usd: 500.50
                alert_at: [1, 0.5]
                carry_over: {cap_usd: 50}
                planned: {2026-12: 700, 2026-11: "600"}
                pacing: true
                allowance_usd: null
              calls:
                scope: {team: search}
                period: month
                limit_calls: 1000
                planned: {2026-12: 7}
            """)
        #expect(file.entries.map(\.id) == ["team/search", "calls"])
        #expect(
            file.entries[0].body(reason: "r").text == """
                {"scope":{"team":"search","feature":"7","tags":{"env":"prod","v":"2"}},"period":{"days":7},\
                "limit_usd":"500.50","alert_at":[0.5,1],"carry_over":{"cap_usd":"50"},\
                "planned":{"2026-11":"600","2026-12":"700"},"pacing":true,"allowance_usd":null,"reason":"r"}
                """)
        #expect(
            file.entries[1].settings.source == """
                {"scope":{"team":"search"},"period":"month","limit_calls":1000,"planned":{"2026-12":7}}
                """)
    }

    @Test("a budget of the whole company is written with its scope")
    func company() throws {
        let budget = try JSONDocument(text: #"{"id":"all","scope":{},"period":"month","limit_usd":"5"}"#).root
        #expect(try BudgetFile(BudgetFile.text([budget])).entries[0].settings["scope"]?.source == "{}")
    }

    @Test(
        "what is no file of budgets is refused",
        arguments: [
            "", "a: [", "budgets: 5", "budgets: {b: 5}", "budgets: {}\nmore: {}", "budgets: {'a b': {}}",
            "budgets: {b: {period: month, limit_usd: 5}}", "budgets: {b: {scope: {}, limit_usd: 5}}",
        ])
    func mistakes(text: String) {
        #expect(throws: (any Error).self) { try BudgetFile(text) }
    }
}
