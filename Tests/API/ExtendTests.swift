import Foundation
import JSON
import Testing

@Suite("POST /v1/extend") struct ExtendTests {
    private static func body(_ hold: String, _ seconds: String) -> String {
        #"{"hold_id":"\#(hold)","hold_seconds":\#(seconds)}"#
    }

    @Test("gives an open hold more time, says until when, and lets it settle as always")
    func extend() async throws {
        let team = try await Team()
        let verdict = try await team.authorize("r-1", more: #","hold_seconds":60"#)
        let hold = try verdict.text("hold_id")
        let more = try await team.token("router").json("POST", "/v1/extend", Self.body(hold, "3600"))
        more.expect(["expires_at": .time])
        #expect(try more.text("expires_at") > verdict.text("expires_at"))
        let again = try await team.authorize("r-1", more: #","hold_seconds":60"#)
        #expect(try again.text("hold_id") == hold)
        #expect(try again.text("expires_at") > verdict.text("expires_at"))
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(hold))
        try await team.admin.send("POST", "/v1/extend", Self.body(hold, "60")).expectProblem(409, "hold_ended")
    }

    @Test(
        "takes 1 to 3600 seconds",
        arguments: ["0", "3601", "1.5", "\"60\"", "null"])
    func seconds(_ seconds: String) async throws {
        let team = try await Team()
        let hold = try await team.hold("r-1")
        try await team.admin.send("POST", "/v1/extend", Self.body(hold, seconds))
            .expectProblem(422, "invalid_fields", pointer: "/hold_seconds")
    }

    @Test("is for those who may settle, and for holds that Purser made")
    func access() async throws {
        let team = try await Team()
        let hold = try await team.hold("r-1")
        for role in ["team", "finance"] {
            try await team.token(role).send("POST", "/v1/extend", Self.body(hold, "60")).expectProblem(403, "forbidden")
        }
        try await team.admin.send("POST", "/v1/extend", Self.body("AQEB", "60")).expectProblem(404, "unknown_hold")
    }
}
