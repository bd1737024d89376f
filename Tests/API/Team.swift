import Foundation
import JSON
import Testing

/// A team for one test alone, on the shared server by default, so that tests do not affect each other.
struct Team: Sendable {
    let name: String
    let server: PurserServer
    let admin: Client

    init(on server: PurserServer? = nil) async throws {
        if let server { self.server = server } else { self.server = try await .shared }
        admin = self.server.admin
        name = "t" + UUID().uuidString.prefix(13).lowercased()
        _ = try await admin.json("PUT", "/v1/teams/\(name)", status: 201)
    }

    private init(named name: String, on server: PurserServer) {
        (self.name, self.server, admin) = (name, server, server.admin)
    }

    /// The same team, once its server was restarted.
    func on(_ server: PurserServer) -> Team { Team(named: name, on: server) }

    func token(_ role: String, ofTeam: Bool = false) async throws -> Client {
        let team = ofTeam || role == "team" ? #","team":"\#(name)""# : ""
        let token = try await admin.json("POST", "/v1/tokens", #"{"role":"\#(role)"\#(team)}"#, status: 201)
        return admin.with(token: try token.text("token"))
    }

    /// The id of this team's budget. It contains a character that must be encoded in a path.
    var budgetID: String { "team/\(name)" }
    var budgetPath: String { "/v1/budgets/team%2F\(name)" }

    @discardableResult
    func setBudget(limit: String = "500", more: String = "", status: Int = 201) async throws -> JSONValue {
        try await admin.json(
            "PUT", budgetPath,
            #"{"scope":{"team":"\#(name)"},"period":"month","limit_usd":"\#(limit)"\#(more)}"#, status: status)
    }

    /// With these, no threshold of the team's budgets is without effect.
    func setLadderAndAlert() async throws {
        _ = try await admin.json(
            "PUT", "/v1/ladders/\(name)", #"{"models":["claude-opus-4-5","claude-haiku-4-5"]}"#)
        _ = try await admin.json(
            "PUT", "/v1/alerts/\(name)", #"{"team":"\#(name)","webhook":"https://hooks.example.com/purser"}"#,
            status: 201)
    }

    func budget() async throws -> JSONValue { try await admin.json("GET", budgetPath) }

    /// What a router sends that never writes to a cache.
    static let noWrites = #","bounds":{"cache_write_tokens":0}"#

    /// A call of claude-opus-4-5 that costs at most 0.016 USD: 1,200 input and 400 output tokens. It writes to no cache,
    /// unless `more` has other bounds.
    func call(_ id: String, model: String = "claude-opus-4-5", more: String = "") -> String {
        let more = more.contains(#""bounds""#) ? more : more + Self.noWrites
        return
            #"{"request_id":"\#(id)","team":"\#(name)","model":"\#(model)","input_tokens":1200,"max_output_tokens":400\#(more)}"#
    }

    func authorize(_ id: String, model: String = "claude-opus-4-5", more: String = "") async throws -> JSONValue {
        try await admin.json("POST", "/v1/authorize", call(id, model: model, more: more))
    }

    func hold(_ id: String, more: String = "") async throws -> String {
        try await authorize(id, more: more).text("hold_id")
    }

    /// 1,200 input and 310 output tokens cost 0.01375 USD.
    static func settlement(_ hold: String, outputTokens: Int = 310, more: String = "") -> String {
        #"{"hold_id":"\#(hold)","usage":{"input_tokens":1200,"output_tokens":\#(outputTokens)}\#(more)}"#
    }

    func entries() async throws -> [JSONValue] {
        try await admin.json("GET", "/v1/usage?team=\(name)&limit=1000").list("entries")
    }
}
