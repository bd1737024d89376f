import Foundation
import JSON
import Testing

/// What is settled, accepted or left unsettled after the move of its feature.
@Suite("What comes late for a feature that was moved") struct LateAfterMoveTests {
    private static let feature = #","feature":"f""#
    /// What a call costs, and what it costs at most.
    private static let (cost, worst) = (Decimal(string: "0.01375")!, Decimal(string: "0.016")!)

    private static func move(_ from: Team, to: Team) async throws {
        _ = try await from.admin.json(
            "POST", "/v1/features/\(from.name)/f/move", #"{"team":"\#(to.name)","reason":"new owner"}"#)
    }

    private static func setBudget(_ team: Team) async throws -> () async throws -> Decimal {
        let id = "f-\(team.name)"
        _ = try await team.admin.json(
            "PUT", "/v1/budgets/\(id)",
            #"{"scope":{"team":"\#(team.name)","feature":"f"},"period":"month","limit_usd":"10","unsettled":"estimate"}"#,
            status: 201)
        return { try await team.admin.json("GET", "/v1/budgets/\(id)").money("spent_usd") }
    }

    private static func unsettled(_ team: Team) async throws -> JSONValue? {
        try await team.admin.json("GET", "/v1/unsettled?team=\(team.name)").list("unsettled").first
    }

    /// A call that was settled, and settled again with more output, which is accepted.
    private static func accept(
        _ team: Team, before: () async throws -> Void = {}
    ) async throws -> (settled: String, accepted: String) {
        let hold = try await team.hold("r-1", more: feature)
        let (settled, accepted) = (Team.settlement(hold), Team.settlement(hold, outputTokens: 400))
        let committed = try await team.admin.json("POST", "/v1/settle", settled).text("entry_id")
        try await team.admin.send("POST", "/v1/settle", accepted).expectProblem(409, "idempotency_conflict")
        let number = try #require(
            try await team.admin.json("GET", "/v1/disputed").list("disputed").first {
                $0["committed_entry_id"]?.string == committed
            }?["number"]?.integer)
        try await before()
        _ = try await team.admin.json("POST", "/v1/disputed/\(number)/accept", #"{"reason":"r"}"#)
        return (settled, accepted)
    }

    @Test("is accepted under the id that its router sent")
    func acceptedAfterMove() async throws {
        let (old, new) = (try await Team(), try await Team())
        try await old.setBudget()
        try await new.setBudget()
        try await Self.move(old, to: new)
        let reports = try await Self.accept(old)
        #expect(try await old.admin.send("POST", "/v1/settle", reports.accepted).status == 200)
        try await old.admin.send("POST", "/v1/settle", reports.settled).expectProblem(409, "idempotency_conflict")
        let other = try await new.hold("r-1", more: Self.feature)
        #expect(try await new.admin.send("POST", "/v1/settle", Team.settlement(other)).status == 200)
    }

    @Test("is counted once by a budget that was made at the new place")
    func laterBudget() async throws {
        let (old, new) = (try await Team(), try await Team())
        let hold = try await old.hold("r-0", more: Self.feature + #","hold_seconds":1"#)
        _ = try await old.admin.json("PATCH", "/v1/teams/\(old.name)", #"{"unsettled":"estimate"}"#)
        try await Eventually.holds("the hold became an entry") {
            try await Self.unsettled(old)?["estimated_entry_id"]?.string != nil
        }
        _ = try await Self.accept(old) {
            try await Self.move(old, to: new)
            let spent = try await Self.setBudget(new)
            try await Eventually.holds("the budget is open") { try await spent() == Self.cost + Self.worst }
        }
        let spent = { try await old.admin.json("GET", "/v1/budgets/f-\(new.name)").money("spent_usd") }
        #expect(try await spent() == Self.worst + Self.worst)
        _ = try await old.admin.json("POST", "/v1/settle", Team.settlement(hold))
        #expect(try await spent() == Self.worst + Self.cost)
    }

    @Test("becomes what the budget that went along says where a hold expires")
    func expiredAfterMove() async throws {
        let (old, new) = (try await Team(), try await Team())
        _ = try await Self.setBudget(old)
        _ = try await old.hold("r-1", more: Self.feature + #","hold_seconds":2"#)
        try await Self.move(old, to: new)
        try await Eventually.holds("the hold expired") { try await Self.unsettled(old) != nil }
        #expect(try await Self.unsettled(old)?["estimated_entry_id"]?.string != nil)
    }
}
