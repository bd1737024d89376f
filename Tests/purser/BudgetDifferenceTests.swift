import JSON
import Testing

@testable import purser

@Suite struct BudgetDifferenceTests {
    private static let hard = """
        {"id":"b","version":3,"scope":{"team":"t"},"period":"month","time_zone":"UTC","limit_usd":"500",\
        "enforcement":"hard","unpriced":"deny","downgrade_at":null,"alert_at":[],"owner":"company",\
        "carry_over":{"cap_usd":"50"},"planned":{"2026-12":"600"},"pacing":false,"unsettled":"record",\
        "window_limit_usd":"500","spent_usd":"312","held_usd":"0","remaining_usd":"188"}
        """

    private static func difference(_ body: String, _ before: String = hard) throws -> BudgetDifference {
        try BudgetDifference(
            of: JSONDocument(text: before).root,
            changedBy: RequestBody(contentType: "application/json", bytes: Array(body.utf8)))
    }

    @Test(
        "a hard budget is loosened by whatever lets it admit more",
        arguments: [
            (#"{"limit_usd":"500.01"}"#, true), (#"{"limit_usd":"500"}"#, false), (#"{"limit_usd":"499"}"#, false),
            (#"{"enforcement":"soft"}"#, true), (#"{"enforcement":"hard"}"#, false), (#"{"unpriced":"admit"}"#, true),
            (#"{"owner":"team"}"#, true), (#"{"carry_over":"all"}"#, true), (#"{"carry_over":"none"}"#, false),
            (#"{"carry_over":{"cap_usd":"60"}}"#, true), (#"{"carry_over":{"cap_usd":"40"}}"#, false),
            (#"{"planned":{"2026-12":"601"}}"#, true), (#"{"planned":{"2026-12":"400"}}"#, false),
            (#"{"planned":{"2026-11":"400","2026-12":"600"}}"#, false), (#"{"planned":{"2027-01":"501"}}"#, true),
            (#"{"alert_at":[0.8]}"#, false), (#"{"allowance_usd":"1"}"#, true), (#"{"allowance_usd":null}"#, false),
        ])
    func loosens(body: String, isLooser: Bool) throws {
        #expect(try Self.difference(body).loosens == isLooser)
        let soft = Self.hard.replacing(#""hard""#, with: #""soft""#)
        #expect(try !Self.difference(body, soft).loosens)
    }

    @Test("the question says what was and what would be")
    func question() throws {
        #expect(
            try Self.difference(#"{"limit_usd":"700","enforcement":"soft"}"#).question
                == "b is a hard budget: limit $500 → $700; enforcement hard → soft. Do it?")
    }

    @Test("what a replacement does not name is as a new budget has it")
    func replacement() throws {
        let body = #"{"scope":{"team":"t"},"period":"month","limit_usd":"500","enforcement":"hard"}"#
        let difference = try BudgetDifference(
            of: JSONDocument(text: Self.hard).root,
            replacedBy: RequestBody(contentType: "application/json", bytes: Array(body.utf8)))
        #expect(difference.text == "carry over up to $50 → none; planned 2026-12 $600 → none")
        #expect(!difference.loosens)
    }

    @Test(
        "how a budget stands says what that means for calls",
        arguments: [
            ("312", "hard", "Spent $312 of $500, 62%."),
            ("500", "hard", "Spent $500 of $500, 100%: calls are denied until 2026-12-01 00:00 UTC."),
            ("501", "soft", "Spent $501 of $500, 100%: calls are warned of until 2026-12-01 00:00 UTC."),
            ("501", "shadow", "Spent $501 of $500, 100%."),
        ])
    func standing(spent: String, enforcement: String, text: String) throws {
        let budget = try JSONDocument(
            text: """
                {"limit_usd":"400","window_limit_usd":"500","spent_usd":"\(spent)","enforcement":"\(enforcement)",\
                "resets_at":"2026-12-01T00:00:00Z"}
                """
        ).root
        #expect(BudgetOutcome(of: budget).text == text)
    }
}
