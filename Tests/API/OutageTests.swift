import Foundation
import JSON
import Testing

/// How a server answers while PostgreSQL is away, and that it leaves nothing half done.
@Suite struct OutageTests {
    @Test("without the database 503 is answered with Retry-After; with it again all goes on where it was")
    func outage() async throws {
        let database = try await OwnDatabase.migrated()
        let server = try await PurserServer(in: try ScratchDirectory(), database: database.connection)
        let team = try await Team(on: server)
        try await team.setBudget()
        let hold = try await team.hold("o-1")

        try await database.allowConnections(false)
        try await Eventually.holds("readyz does not tell of it") {
            let readiness = try await server.admin.send("GET", "/readyz")
            guard readiness.status == 503 else { return false }
            return try readiness.json.text("reason") == "the ledger cannot be reached"
        }
        #expect(try await server.admin.send("GET", "/healthz").status == 200)
        for (method, path, body) in [
            ("POST", "/v1/settle", Team.settlement(hold)), ("GET", "/v1/usage", nil), ("GET", team.budgetPath, nil),
            ("PUT", team.budgetPath, #"{"scope":{"team":"\#(team.name)"},"period":"month","limit_usd":"1"}"#),
            ("POST", "/v1/void", #"{"hold_id":"\#(hold)"}"#), ("GET", "/v1/reports/monthly", nil),
        ] as [(String, String, String?)] {
            let reply = try await server.admin.send(method, path, body)
            try reply.expectProblem(503, "unavailable")
            #expect(reply.header("Retry-After").flatMap { Int($0) } != nil, "\(method) \(path)")
        }

        try await Eventually.holds("readyz does not tell that the replica is fenced") {
            try await server.admin.send("GET", "/readyz").json.text("reason").hasPrefix("fenced")
        }

        try await database.allowConnections(true)
        try await Eventually.holds("the server does not come back") {
            try await server.admin.send("GET", "/readyz").status == 200
        }
        try await Eventually.holds("the log does not tell of it") { server.log.contains("Recovered: ") }
        for word in ["Fenced: ", "Recovered: "] { #expect(server.log.components(separatedBy: word).count == 2) }
        #expect(try await team.budget().money("limit_usd") == 500)
        let answer = try await team.admin.json("POST", "/v1/settle", Team.settlement(hold))
        #expect(try answer.money("cost_usd") == Decimal(string: "0.01375"))
        #expect(try await team.entries().count == 1)
        try await Command.run(["verify", "--database-url", database.connection], as: nil).expect(0)
    }
}
