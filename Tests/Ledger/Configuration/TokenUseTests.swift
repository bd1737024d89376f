import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("The use and the revocation of a token") struct TokenUseTests {
    private func made(_ count: Int, _ connection: Connection) throws -> [(text: String, token: Token)] {
        try (0..<count).map { _ in try TokenStore.create(role: .router, team: nil, connection) }
    }

    private func used(_ connection: Connection) throws -> [Int64] {
        try TokenStore.list(connection).filter { $0.lastUsedAt != nil }.map(\.id)
    }

    @Test("takes no lock to find it")
    func found() async throws {
        try await LedgerFixture.with { fixture in
            let (connection, other) = (try fixture.connect(), try fixture.connect())
            let (text, token) = try made(1, connection)[0]
            try other.executeScript("BEGIN; SELECT FROM token FOR UPDATE")
            #expect(try TokenStore.find(text, connection)?.id == token.id)
            #expect(try used(connection) == [])
        }
    }

    @Test("is noted for many at once, not twice within the rest, and waits for no other who notes it")
    func noted() async throws {
        try await LedgerFixture.with { fixture in
            let (connection, other) = (try fixture.connect(), try fixture.connect())
            let ids = try made(4, connection).map(\.token.id)
            try TokenStore.noteUse(of: [ids[2], ids[0]], restSeconds: 30, connection)
            #expect(try used(connection) == [ids[0], ids[2]])
            let times = try TokenStore.list(connection).map(\.lastUsedAt)
            try TokenStore.noteUse(of: ids, restSeconds: 3600, connection)
            #expect(try used(connection) == ids)
            #expect(try TokenStore.list(connection)[0].lastUsedAt == times[0])
            try TokenStore.noteUse(of: ids, restSeconds: 0, connection)
            #expect(try TokenStore.list(connection)[0].lastUsedAt != times[0])
            let before = try TokenStore.list(connection).map(\.lastUsedAt)
            try other.executeScript("BEGIN; UPDATE token SET last_used_at = now() WHERE token_id = \(ids[1])")
            try TokenStore.noteUse(of: ids, restSeconds: 0, connection)
            try other.executeScript("ROLLBACK")
            let after = try TokenStore.list(connection).map(\.lastUsedAt)
            #expect(zip(before, after).map { $0 != $1 } == [true, false, true, true])
        }
    }

    @Test("is in the configuration, also if a server of an earlier version revoked it")
    func revoked() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let ids = try made(3, connection).map(\.token.id)
            let first = try ConfigurationStore.load(connection)
            #expect(first.configuration.revokedTokens == [])
            _ = try TokenStore.revoke(ids[1], connection)
            func next(_ previous: ConfigurationStore.Loaded) throws -> ConfigurationStore.Loaded {
                try #require(
                    try ConfigurationStore.load(connection, previous: previous, isWhole: false, replicaID: 1)
                ).loaded
            }
            let second = try next(first)
            #expect(second.configuration.revokedTokens == [ids[1]])
            #expect(second.configuration.version > first.configuration.version)
            try connection.execute("UPDATE token SET revoked_at = now() WHERE token_id = \(ids[0])")
            try connection.execute("UPDATE deployment SET configuration_version = configuration_version + 1")
            let third = try next(second)
            #expect(third.configuration.revokedTokens == [ids[0], ids[1]])
            _ = try TeamStore.create("another", connection)
            #expect(try next(third).configuration.revokedTokens == [ids[0], ids[1]])
        }
    }

    @Test(
        "is not asked for where no token can have its form",
        arguments: [
            ("pur_" + String(repeating: "a", count: 43), true), ("pur_" + String(repeating: "-", count: 43), true),
            ("pur_" + String(repeating: "a", count: 42), false), ("pur_" + String(repeating: "a", count: 44), false),
            ("pur-" + String(repeating: "a", count: 43), false), ("pur_" + String(repeating: "=", count: 43), false),
            ("pur_" + String(repeating: "é", count: 21) + "a", false), ("", false),
        ])
    func form(text: String, isWellFormed: Bool) async throws {
        #expect(TokenStore.isWellFormed(text) == isWellFormed)
        try await LedgerFixture.with { fixture in
            let (text, _) = try made(1, fixture.connect())[0]
            #expect(TokenStore.isWellFormed(text))
        }
    }
}
