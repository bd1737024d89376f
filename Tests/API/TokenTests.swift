import Foundation
import JSON
import Testing

/// What a server asks the database about tokens, and what not.
@Suite struct TokenTests {
    /// A server with a database of its own.
    private struct Place {
        let database: OwnDatabase
        let server: PurserServer
        let team: Team

        init() async throws {
            database = try await OwnDatabase.migrated()
            server = try await PurserServer(in: try ScratchDirectory(), database: database.connection)
            team = try await Team(on: server)
        }

        func router() async throws -> (id: String, client: Client) {
            let made = try await team.admin.json("POST", "/v1/tokens", #"{"role":"router"}"#, status: 201)
            return (try made.text("id"), team.admin.with(token: try made.text("token")))
        }

        /// From now on every look-up of a token fails.
        func forbidLookUps() async throws {
            try await database.execute("ALTER TABLE token RENAME COLUMN hash TO hidden_hash")
        }

        /// The value of a series of `/metrics`.
        func metric(_ series: String) async throws -> Int {
            let text = try await server.admin.send("GET", "/metrics").text
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(series + " ") })
            return try #require(line.split(separator: " ").last.flatMap { Int($0) })
        }
    }

    private static func randomToken() -> String {
        "pur_" + String((0..<43).map { _ in "abcdefghijklmnopqrstuvwxyz0123456789-_".randomElement()! })
    }

    @Test("a token is looked up once, whatever is changed afterwards, and is refused once it is revoked")
    func lookedUpOnce() async throws {
        let place = try await Place()
        let ((revokedID, revoked), (_, kept)) = (try await place.router(), try await place.router())
        let connections = try [revoked, kept].map { _ in try RawConnection(to: place.server.url) }
        func authorize(_ id: String) throws -> [Int] {
            try zip(connections, [revoked, kept]).map { connection, client in
                try connection.send(
                    RawConnection.request("POST", "/v1/authorize", place.team.call(id))
                        .replacing(PurserServer.adminToken, with: client.token ?? ""))
                return try connection.receiveAnswers(1)[0].status
            }
        }
        #expect(try authorize("a") == [200, 200])
        try await place.forbidLookUps()
        try await place.team.setBudget()
        #expect(try authorize("b") == [200, 200])
        #expect(try await kept.send("POST", "/v1/authorize", place.team.call("c")).status == 200)
        // As a server of an earlier version revokes a token.
        try await place.database.execute(
            """
            UPDATE token SET revoked_at = now() WHERE token_id = \(revokedID);
            UPDATE deployment SET configuration_version = configuration_version + 1;
            SELECT pg_notify('purser_configuration', '')
            """)
        try await Eventually.holds("a revoked token is accepted") { try authorize("d") == [401, 200] }
        try await revoked.send("POST", "/v1/authorize", place.team.call("e")).expectProblem(401, "unauthorized")
        #expect(try await kept.send("POST", "/v1/authorize", place.team.call("f")).status == 200)
    }

    @Test("a token that cannot be one is refused without a question, and one that is not known is asked for once")
    func unknown() async throws {
        let place = try await Place()
        let (_, known) = try await place.router()
        #expect(try await known.send("POST", "/v1/authorize", place.team.call("a")).status == 200)
        let strangers = (0..<1_200).map { _ in Self.randomToken() }
        for stranger in strangers {
            #expect(try await known.with(token: stranger).send("GET", "/v1/budgets").status == 401)
        }
        try await place.forbidLookUps()
        for token in [
            strangers[1_199], "nonsense", Self.randomToken() + "x", "pur_" + String(repeating: "!", count: 43),
        ] {
            try await known.with(token: token).send("GET", "/v1/budgets").expectProblem(401, "unauthorized")
        }
        #expect(try await known.with(token: Self.randomToken()).send("GET", "/v1/budgets").status == 500)
        #expect(try await known.send("POST", "/v1/authorize", place.team.call("b")).status == 200)
    }

    @Test("many requests with one new token look it up once, and too many new tokens at once are told to come again")
    func atOnce() async throws {
        let place = try await Place()
        let (_, client) = try await place.router()
        let before = try await place.metric(#"purser_database_pool_jobs_total{pool="lookups"}"#)
        let tokens = Array(repeating: client.token ?? "", count: 100) + (0..<100).map { _ in Self.randomToken() }
        var answers: [RawAnswer] = []
        try await place.database.locking("token") { unlock in
            let connections = try tokens.map { token in
                let connection = try RawConnection(to: place.server.url)
                try connection.send(
                    RawConnection.request("POST", "/v1/authorize", place.team.call("a"))
                        .replacing(PurserServer.adminToken, with: token))
                return connection
            }
            answers = try connections.suffix(1).flatMap { try $0.receiveAnswers(1) }
            try await unlock()
            answers += try connections.dropLast().flatMap { try $0.receiveAnswers(1) }
        }
        let tooMany = answers.filter { String(decoding: $0.body, as: UTF8.self).contains("Too many tokens") }
        #expect(tooMany.allSatisfy { $0.status == 503 && $0.head.lowercased().contains("retry-after: ") })
        // The known token has one of the 64 look-ups.
        #expect((1...99).contains(tooMany.count), "\(tooMany.count)")
        let jobs = try await place.metric(#"purser_database_pool_jobs_total{pool="lookups"}"#) - before
        #expect(jobs < 90, "\(jobs) look-ups")
        #expect(try await client.send("POST", "/v1/authorize", place.team.call("b")).status == 200)
    }

    @Test("when a token was used is noted when the server ends at the latest")
    func lastUse() async throws {
        let place = try await Place()
        let ((usedID, used), (unusedID, _)) = (try await place.router(), try await place.router())
        for number in 0..<3 {
            #expect(try await used.send("POST", "/v1/authorize", place.team.call("a-\(number)")).status == 200)
        }
        place.server.process.signal(SIGINT)
        _ = try await place.server.process.ended(atMostSeconds: 60)
        #expect(
            try await place.database.rows("SELECT token_id FROM token WHERE last_used_at IS NOT NULL") == [usedID[...]])
        #expect(usedID != unusedID)
    }

    @Test("a request with an Idempotency-Key that is sent again gets the same token, and no second one is made")
    func repeated() async throws {
        let place = try await Place()
        let (key, body) = (["Idempotency-Key": "k-1!~"], #"{"role":"router"}"#)
        func post(_ key: [String: String], _ body: String, by client: Client? = nil) async throws -> Reply {
            try await (client ?? place.server.admin).send("POST", "/v1/tokens", body, headers: key)
        }
        // Both at once, as when a client has given up waiting too early.
        async let other = post(key, body)
        let first = try await post(key, body)
        #expect(try await (first.status, other.status) == (201, 201))
        #expect(try await other.body == first.body)
        let (id, token) = (try first.json.text("id"), try first.json.text("token"))
        let client = place.server.admin.with(token: token)
        #expect(try await client.send("POST", "/v1/authorize", place.team.call("a")).status == 200)
        #expect(try await post(key, body).body == first.body)
        let list = { try await place.server.admin.json("GET", "/v1/tokens").list("tokens") }
        #expect(try await list().count == 1)

        let another = try await post(key, #"{"role":"admin"}"#)
        try another.expectProblem(409, "idempotency_conflict")
        #expect(another.text.contains("Token \(id) "))
        try await post(key, #"{"role":"router","name":"a"}"#).expectProblem(409, "idempotency_conflict")
        let admin = try await post(["Idempotency-Key": "k-2"], #"{"role":"admin"}"#).json
        let byAnother = try await post(key, body, by: place.server.admin.with(token: try admin.text("token")))
        try byAnother.expectProblem(409, "idempotency_conflict")
        #expect(byAnother.text.contains("Token \(id) ") && byAnother.text.contains("revoke"))
        #expect(try await place.server.admin.send("DELETE", "/v1/tokens/\(id)").status == 204)
        try await post(key, body).expectProblem(409, "idempotency_conflict")
        #expect(try await list().count == 2)

        // After a day the key is free again, also before maintenance has deleted it.
        try await place.database.execute("UPDATE token_request SET made_at = now() - interval '25 hours'")
        let later = try await post(key, body)
        #expect(later.status == 201)
        #expect(try later.json.text("token") != token && later.json.text("id") != id)
    }

    @Test("an Idempotency-Key is 1 to 255 visible ASCII characters")
    func badKeys() async throws {
        let place = try await Place()
        for key in ["a b", "caf\u{E9}", String(repeating: "k", count: 256)] {
            let reply = try await place.server.admin.send(
                "POST", "/v1/tokens", #"{"role":"router"}"#, headers: ["Idempotency-Key": key])
            try reply.expectProblem(400, "malformed_request")
            #expect(reply.text.contains("Idempotency-Key"))
        }
        let longest = ["Idempotency-Key": String(repeating: "k", count: 255)]
        let made = try await place.server.admin.send("POST", "/v1/tokens", #"{"role":"router"}"#, headers: longest)
        #expect(made.status == 201)
    }
}
