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
    /// One of `Role`, or a role of a newer version.
    package let roleName: String
    package let team: String?
    /// What people call it.
    package let name: String?
    package let createdAt: Timestamp
    package let lastUsedAt: Timestamp?
    package let revokedAt: Timestamp?

    /// Nil for a role that only a newer version knows.
    package var role: Role? { Role(rawValue: roleName) }

    /// How a change says who made it. The number stays in it: several tokens may have one name.
    package var signature: String { name.map { "\($0) (token \(id))" } ?? "token \(id)" }
}

/// Access tokens. Only their SHA-256 hashes are stored.
package enum TokenStore {
    private static let prefix = "pur_"
    private static let secretBytes = 32
    private static let textBytes = prefix.utf8.count + (secretBytes * 8 + 5) / 6

    private static let columns = "token_id, role, team, name, created_at, last_used_at, revoked_at"

    /// Makes a token and returns its text, which is shown no more than once, or as often as `request` comes. `team` is
    /// required for the role `team`.
    package static func create(
        role: Role, team: String?, name: String? = nil, for request: TokenRequest? = nil, _ connection: Connection
    ) throws -> (text: String, token: Token) {
        let random = randomBytes()
        return try connection.transaction { transaction in
            if let team { try TeamStore.require(team, transaction) }
            if let request, let made = try made(for: request, role, team, name, transaction) { return made }
            let text = prefix + Base64URL.encode(request?.secret(salt: random) ?? random)
            let row = try transaction.query(
                """
                INSERT INTO token (hash, role, team, name)
                VALUES (\(hash(of: text)), \(role.rawValue), \(team), \(name))
                RETURNING \(unescaped: columns)
                """)[0]
            let token = try token(row)
            if let request {
                try transaction.execute(
                    """
                    INSERT INTO token_request (key, token_id, salt) VALUES (\(request.key), \(token.id), \(random))
                    ON CONFLICT (key) DO UPDATE
                    SET token_id = excluded.token_id, salt = excluded.salt, made_at = excluded.made_at
                    """)
            }
            return (text, token)
        }
    }

    private static func randomBytes() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<secretBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// The token that this request has made already; nil if it comes for the first time.
    private static func made(
        for request: TokenRequest, _ role: Role, _ team: String?, _ name: String?, _ transaction: borrowing Transaction
    ) throws -> (text: String, token: Token)? {
        // The first of two equal requests at the same time makes the token, and the second finds it.
        try transaction.execute(
            "SELECT pg_advisory_xact_lock(\(AdvisoryLock.tokenRequest.rawValue), hashtext(\(request.key)))")
        let row = try transaction.query(
            """
            SELECT \(unescaped: columns), salt, hash FROM token_request JOIN token USING (token_id)
            WHERE key = \(request.key) AND made_at > now() - make_interval(days => \(TokenRequest.days))
            """
        ).first
        guard let row else { return nil }
        let token = try token(row)
        guard token.role == role, token.team == team, token.name == name else {
            throw StoreFailure.tokenMade(token.id, .otherContent)
        }
        guard token.revokedAt == nil else { throw StoreFailure.tokenMade(token.id, .revoked) }
        let (salt, storedHash): ([UInt8], [UInt8]) = (try row.decode(at: 7), try row.decode(at: 8))
        let text = prefix + Base64URL.encode(request.secret(salt: salt))
        guard hash(of: text) == storedHash else { throw StoreFailure.tokenMade(token.id, .otherCaller) }
        return (text, token)
    }

    /// Whether `create` could have made this text. Nothing needs to be asked about any other.
    package static func isWellFormed(_ text: String) -> Bool {
        guard text.utf8.count == textBytes, text.hasPrefix(prefix) else { return false }
        return text.utf8.dropFirst(prefix.utf8.count).allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }

    package static func hash(of text: String) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    /// The token with this text, unless it is revoked. The lookup is by hash, so its duration does not tell how much of
    /// a guessed text is right.
    package static func find(_ text: String, _ connection: Connection) throws -> Token? {
        try connection.query(
            """
            SELECT \(unescaped: columns) FROM token
            WHERE hash = \(hash(of: text)) AND revoked_at IS NULL
            """
        ).first.map(token)
    }

    /// Notes that these tokens were used just now. All replicas note the same tokens, so this leaves out those that
    /// another replica is noting, or noted in the last `restSeconds`.
    package static func noteUse(of ids: [Int64], restSeconds: Int64, _ connection: Connection) throws {
        try connection.execute(
            """
            WITH used AS (
                SELECT token_id FROM token
                WHERE token_id = ANY (\(ids)) AND COALESCE(last_used_at < now() - make_interval(secs => \(restSeconds)), true)
                FOR NO KEY UPDATE SKIP LOCKED
            )
            UPDATE token SET last_used_at = now() FROM used WHERE token.token_id = used.token_id
            """)
    }

    /// The ids of all revoked tokens. Returns `known` if there are still as many, because a revocation is never undone.
    ///
    /// Servers of earlier versions revoke tokens too, and only set `revoked_at`.
    static func revoked(known: Set<Int64>?, _ transaction: borrowing Transaction) throws -> Set<Int64> {
        let count: Int64 = try transaction.query("SELECT count(*) FROM token WHERE revoked_at IS NOT NULL")[0]
            .decode(at: 0)
        if let known, known.count == Int(count) { return known }
        return Set(
            try transaction.query("SELECT token_id FROM token WHERE revoked_at IS NOT NULL").map {
                try $0.decode(at: 0)
            })
    }

    /// Whether there is any token that is not revoked.
    package static func hasAny(_ connection: Connection) throws -> Bool {
        try connection.query("SELECT EXISTS (SELECT 1 FROM token WHERE revoked_at IS NULL)")[0].decode(at: 0)
    }

    package static func list(_ connection: Connection) throws -> [Token] {
        try connection.query(
            "SELECT \(unescaped: columns) FROM token ORDER BY token_id"
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
        Token(
            id: try row.decode(at: 0), roleName: try row.decode(at: 1), team: try row.decode(at: 2),
            name: try row.decode(at: 3), createdAt: try row.decode(at: 4), lastUsedAt: try row.decode(at: 5),
            revokedAt: try row.decode(at: 6))
    }
}
