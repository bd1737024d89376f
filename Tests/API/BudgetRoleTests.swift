import Foundation
import JSON
import Testing

/// A budget that the company owns, and every way in which somebody may try to loosen it.
@Suite struct BudgetRoleTests {
    struct Attempt: Sendable, CustomTestStringConvertible {
        let method: String
        /// After the path of the budget; `REQUEST` is the path of an open request for it.
        let path: String
        var body: String?

        var testDescription: String { "\(method) \(path) \(body ?? "")" }
    }

    private static let attempts = [
        Attempt(method: "PUT", path: "", body: #"{"scope":{"team":"TEAM"},"period":"month","limit_usd":"501"}"#),
        Attempt(
            method: "PUT", path: "",
            body: #"{"scope":{"team":"TEAM"},"period":"month","limit_usd":"500","owner":"team"}"#),
        Attempt(
            method: "PUT", path: "",
            body: #"{"scope":{"team":"TEAM"},"period":"month","limit_usd":"500","enforcement":"soft"}"#),
        Attempt(method: "PATCH", path: "", body: #"{"limit_usd":"501"}"#),
        Attempt(method: "PATCH", path: "", body: #"{"owner":"team"}"#),
        Attempt(method: "PATCH", path: "", body: #"{"enforcement":"shadow"}"#),
        Attempt(method: "PATCH", path: "", body: #"{"unpriced":"admit"}"#),
        Attempt(method: "PATCH", path: "", body: #"{"carry_over":"all"}"#),
        Attempt(method: "PATCH", path: "", body: #"{"planned":{"2026-12":"900"}}"#),
        Attempt(method: "PATCH", path: "", body: #"{"allowance_usd":"100"}"#),
        Attempt(method: "DELETE", path: ""),
        Attempt(method: "POST", path: "/boosts", body: #"{"amount_usd":"1","until":"SOON","reason":"r"}"#),
        Attempt(method: "POST", path: "REQUEST/approve", body: "{}"),
        Attempt(method: "POST", path: "REQUEST/deny", body: "{}"),
    ]

    @Test("a team's token loosens and removes no budget of the company, whichever way it tries", arguments: attempts)
    func company(attempt: Attempt) async throws {
        let team = try await Team()
        try await team.setBudget(more: #","owner":"company""#)
        let own = try await team.token("team")
        let asked = try await own.json("POST", "\(team.budgetPath)/requests", BoostTests.body(), status: 201)
        let before = try await team.budget().source
        let request = "/v1/requests/\(try #require(asked["number"]?.integer))"
        let path =
            attempt.path.hasPrefix("REQUEST")
            ? attempt.path.replacing("REQUEST", with: request) : team.budgetPath + attempt.path
        let body = attempt.body?.replacing("TEAM", with: team.name).replacing(
            "SOON", with: BoostTests.until(seconds: 600))
        try await own.send(attempt.method, path, body).expectProblem(403, "forbidden")
        #expect(try await team.budget().source == before)
        #expect(try await own.json("GET", request).text("state") == "open")
        #expect(try await own.json("GET", "\(team.budgetPath)/boosts").list("boosts").isEmpty)
    }
}
