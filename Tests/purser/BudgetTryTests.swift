import JSON
import Testing

@testable import purser

@Suite("What budget try says") struct BudgetTryTests {
    @Test(
        "is about one call or several",
        arguments: [
            (
                1,
                [
                    "b would have denied 1 call.",
                    "s denies nothing; if it were hard, it would have denied 1 call.",
                    "The usage of 1 call is assumed: it was denied in truth.", "1 verdict would have been another.",
                ]
            ),
            (
                3,
                [
                    "b would have denied 3 calls.",
                    "s denies nothing; if it were hard, it would have denied 3 calls.",
                    "The usage of 3 calls is assumed: they were denied in truth.",
                    "3 verdicts would have been another.",
                ]
            ),
        ])
    func sentences(count: Int, expected: [String]) throws {
        let result = try JSONDocument(
            text: """
                {"budgets": [{"id": "b", "denied": \(count), "would_deny": 0},
                    {"id": "s", "denied": 0, "would_deny": \(count)}],
                 "assumed": \(count), "differing": \(count)}
                """
        ).root
        #expect(BudgetTry.sentences(result) == expected)
    }
}
