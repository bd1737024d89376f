import JSON
import Testing

@testable import purser

@Suite struct ExplanationTests {
    private func text(_ json: String) throws -> String {
        Explanation(verdict: try JSONDocument(text: json).root, requestedModel: "opus").text
    }

    private let budget = #"""
        {"id":"team/search","enforcement":"hard","limit_usd":"500","spent_usd":"499.99","held_usd":"0.0032",
         "remaining_usd":"0.0068","resets_at":"2026-12-01T00:00:00Z"}
        """#

    @Test("an admit names the model and its worst case")
    func admit() throws {
        let json = #"""
            {"verdict":"admit","model":"opus","provider":"anthropic","estimated_cost_usd":"0.016000000","reason":null,
             "budgets":[],"warnings":[{"code":"over_budget","message":"soft/search has passed its limit"}]}
            """#
        #expect(
            try text(json) == """
                Admit: opus of anthropic, which could cost $0.016.

                Warning: soft/search has passed its limit

                No budget counts this call.

                """)
    }

    @Test("a smaller answer says how much smaller, and why")
    func smallerAnswer() throws {
        let json = #"""
            {"verdict":"admit","model":"opus","provider":"anthropic","max_output_tokens":1200,
             "estimated_cost_usd":"0.03","reason":null,"budgets":[],
             "warnings":[{"code":"output_clamped","message":"search has room for 1,200 tokens of output."}]}
            """#
        #expect(
            try text(json).hasPrefix(
                """
                Admit: opus of anthropic with at most 1,200 tokens of output, which could cost $0.03.

                Warning: search has room for 1,200 tokens of output.

                """))
    }

    @Test("a downgrade says to what, why, and what each budget has left")
    func downgrade() throws {
        let json = #"""
            {"verdict":"downgrade","model":"haiku","provider":"anthropic","estimated_cost_usd":"0.0032",
             "reason":{"code":"budget_exhausted","message":"team/search has $0.01 left","resets_at":"2026-12-01T00:00:00Z",
             "retry_after_seconds":null},"budgets":[\#(budget)],"warnings":[]}
            """#
        #expect(
            try text(json) == """
                Downgrade: instead of opus, haiku of anthropic, which could cost $0.0032.
                Why: team/search has $0.01 left (budget_exhausted)

                The budgets that count it:
                ID           MODE    LIMIT    SPENT     HELD  REMAINING  RESETS
                team/search  hard  $500.00  $499.99  $0.0032    $0.0068  2026-12-01T00:00:00Z

                """)
    }

    @Test("a deny for money says what would have fitted and when there is more")
    func deny() throws {
        let json = #"""
            {"verdict":"deny","model":null,"provider":null,"estimated_cost_usd":"0.016",
             "reason":{"code":"budget_exhausted","message":"No.\u001b[2J","resets_at":"2026-12-01T00:00:00Z",
             "retry_after_seconds":null},"budgets":[\#(budget)],"warnings":[]}
            """#
        let lines = try text(json).split(separator: "\n").prefix(4)
        #expect(
            lines == [
                "Deny: opus may not be called; it could cost $0.016.", #"Why: No.\u{1b}[2J (budget_exhausted)"#,
                "What would have fitted: a call that costs at most $0.0068 (team/search).",
                "The budget begins anew at 2026-12-01 00:00 UTC.",
            ])
    }

    @Test("money that is only held is worth asking for again")
    func fundsHeld() throws {
        let json = #"""
            {"verdict":"deny","model":null,"reason":{"code":"funds_held","message":"Held.","retry_after_seconds":4,
             "resets_at":"2026-12-01T00:00:00Z"},"budgets":[]}
            """#
        #expect(try text(json).contains("Asking again in 4 seconds may help."))
        #expect(try !text(json).contains("begins anew"))
    }
}
