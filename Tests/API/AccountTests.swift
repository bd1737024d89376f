import Foundation
import JSON
import Testing

@Suite("The accounts of the journal") struct AccountTests {
    private static let code: [String: Shape] = [
        "account": .text, "name": .orNull(.text), "code": .text, "changed_at": .time, "changed_by": .text,
    ]

    @Test("are set, listed and taken away by finance, and by no team")
    func codes() async throws {
        let team = try await Team()
        let finance = try await team.token("finance")
        let set = try await finance.json("PUT", "/v1/accounts/expense", #"{"name":"\#(team.name)","code":"6310"}"#)
        set.expect(["shared_cost_key": .text, "accounts": .list])
        for code in try set.list("accounts") { code.expect(Self.code) }
        func own() async throws -> [String?] {
            try await finance.json("GET", "/v1/accounts").list("accounts")
                .filter { $0["name"]?.string == team.name }.map { $0["code"]?.string }
        }
        #expect(try await own() == ["6310"])
        try await team.purser(["account", "set", "expense", "6320", "--of", team.name], as: finance).expect(0)
        #expect(try await own() == ["6320"])
        try await team.purser(["account", "set", "expense", "", "--of", team.name], as: finance).expect(0)
        #expect(try await own() == [])
        let key = try await finance.json("PATCH", "/v1/accounts", #"{"shared_cost_key":"none"}"#)
        #expect(try key.text("shared_cost_key") == "none")
        try await finance.send("PATCH", "/v1/accounts", #"{"shared_cost_key":"weight"}"#)
            .expectProblem(422, "invalid_fields", pointer: "/shared_cost_key")
        try await finance.send("PUT", "/v1/accounts/cash", #"{"code":"1"}"#).expectProblem(404, "not_found")
        try await (team.token("team")).send("PUT", "/v1/accounts/expense", #"{"code":"1"}"#)
            .expectProblem(403, "forbidden")
    }
}
