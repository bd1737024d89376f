import Accounting
import Crypto
import Postgres

/// What the bearer of a token may do.
package enum Role: String, Sendable, CaseIterable {
    case router, team, finance, admin

    /// Whether the tokens of this role have no team.
    package var isForAllTeams: Bool { self == .finance || self == .admin }
}

/// An access token as it is stored: without its secret text.
package struct Token: Sendable {
    package let id: Int64
    package let role: Role
    package let team: String?
    package let createdAt: Timestamp
    package let lastUsedAt: Timestamp?
    package let revokedAt: Timestamp?
}

/// Access tokens. Only their SHA-256 hashes are stored.
package enum TokenStore {
    /// Makes a token and returns its text, which is never shown again. `team` is required for the role `team`.
    package static func create(
        role: Role, team: String?, _ connection: Connection
    ) throws -> (text: String, token: Token) {
        var generator = SystemRandomNumberGenerator()
        let text = "pur_" + Base64URL.encode((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
        return try connection.transaction { transaction in
            if let team { try TeamStore.require(team, transaction) }
            let row = try transaction.query(
                """
                INSERT INTO token (hash, role, team) VALUES (\(hash(of: text)), \(role.rawValue), \(team))
                RETURNING token_id, role, team, created_at, last_used_at, revoked_at
                """)[0]
            return (text, try token(row))
        }
    }

    package static func hash(of text: String) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    /// The token with this text, unless it is revoked. The lookup is by hash, so its duration does not tell how much of
    /// a guessed text is right.
    package static func find(_ text: String, _ connection: Connection) throws -> Token? {
        try connection.query(
            """
            UPDATE token SET last_used_at = now() WHERE hash = \(hash(of: text)) AND revoked_at IS NULL
            RETURNING token_id, role, team, created_at, last_used_at, revoked_at
            """
        ).first.map(token)
    }

    /// Whether there is any token that is not revoked.
    package static func hasAny(_ connection: Connection) throws -> Bool {
        try connection.query("SELECT EXISTS (SELECT 1 FROM token WHERE revoked_at IS NULL)")[0].decode(at: 0)
    }

    package static func list(_ connection: Connection) throws -> [Token] {
        try connection.query(
            "SELECT token_id, role, team, created_at, last_used_at, revoked_at FROM token ORDER BY token_id"
        ).map(token)
    }

    /// Revokes a token. Returns the new configuration version.
    package static func revoke(_ id: Int64, _ connection: Connection) throws -> Int64 {
        try connection.transaction { transaction in
            let count = try transaction.execute(
                "UPDATE token SET revoked_at = COALESCE(revoked_at, now()) WHERE token_id = \(id)")
            guard count > 0 else { throw StoreFailure.notFound("There is no token \(id).") }
            return try ConfigurationStore.bump(transaction)
        }
    }

    private static func token(_ row: Row) throws -> Token {
        let (id, role, team, createdAt, lastUsedAt, revokedAt) = try row.decode(
            (Int64, String, String?, Timestamp, Timestamp?, Timestamp?).self)
        return Token(
            id: id, role: Role(rawValue: role)!, team: team, createdAt: createdAt, lastUsedAt: lastUsedAt,
            revokedAt: revokedAt)
    }
}
