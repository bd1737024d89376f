import Foundation
import JSON
import Testing

/// A call costs 0.016 USD at most, and the budget has room for one.
@Suite("A call that waits for held money") struct WaitingTests {
    private static func team() async throws -> (Team, hold: String) {
        let team = try await Team()
        try await team.setBudget(limit: "0.02")
        return (team, try await team.hold("first"))
    }

    /// Whether a small call fits beside the first, which nobody in line waits for.
    private static func isRoomLeft(_ team: Team) async throws -> Bool {
        let probe = try await team.authorize("probe", model: "claude-haiku-4-5", more: #","dry_run":true"#)
        return try probe.text("verdict") == "admit"
    }

    @Test("is admitted when the call before it ends, and no later call takes the money before")
    func admitted() async throws {
        let (team, hold) = try await Self.team()
        #expect(try await Self.isRoomLeft(team))
        async let waiting = team.authorize("second", more: #","wait_ms":30000"#)
        try await Eventually.holds("no call waits") { try await !Self.isRoomLeft(team) }
        _ = try await team.admin.json("POST", "/v1/void", #"{"hold_id":"\#(hold)"}"#)
        let verdict = try await waiting
        verdict.expect(VerdictTests.fields)
        #expect(try verdict.text("verdict") == "admit")
        #expect(try await Self.isRoomLeft(team))
    }

    @Test("keeps no place once its client has gone away, and holds nothing later")
    func gone() async throws {
        let (team, hold) = try await Self.team()
        let body = team.call("second", more: #","wait_ms":30000"#)
        let connection = try RawConnection(to: team.server.url)
        try connection.send(
            "POST /v1/authorize HTTP/1.1\r\nHost: purser\r\nAuthorization: Bearer \(team.admin.token ?? "")\r\n"
                + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        try await Eventually.holds("no call waits") { try await !Self.isRoomLeft(team) }
        connection.end()
        try await Eventually.holds("its place is kept") { try await Self.isRoomLeft(team) }
        _ = try await team.admin.json("POST", "/v1/void", #"{"hold_id":"\#(hold)"}"#)
        #expect(try await team.budget().money("held_usd") == 0)
    }

    @Test("is denied as held when its time is over")
    func denied() async throws {
        let (team, _) = try await Self.team()
        let verdict = try await team.authorize("second", more: #","wait_ms":300"#)
        #expect(try verdict.text("verdict") == "deny")
        #expect(verdict["reason"]?["code"]?.string == "funds_held")
    }

    @Test("may not wait for longer than half a minute", arguments: ["-1", "30001", "1.5", "\"9\""])
    func refused(wait: String) async throws {
        let team = try await Team()
        try await team.admin.send("POST", "/v1/authorize", team.call("c-1", more: #","wait_ms":\#(wait)"#))
            .expectProblem(422, "invalid_fields", pointer: "/wait_ms")
        #expect(try await team.authorize("c-2", more: #","wait_ms":0"#).text("verdict") == "admit")
    }
}
