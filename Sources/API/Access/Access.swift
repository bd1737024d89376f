import Accounting
import Ledger
import Synchronization

/// Finds out which caller sent a request, by its bearer token.
///
/// A token is looked up in the database once, and remembered until it is revoked. The configuration says which tokens
/// were revoked, so a change of anything else drops nothing. Tokens that are not known have a memory of their own: they
/// cannot push out those that are.
final class Access: Sendable {
    private struct Memory {
        var known = TokenMemory<KnownCaller>(limit: Access.maximumKnown)
        var unknown = TokenMemory<Void>(limit: Access.maximumUnknown)
        var lookups: [String: Task<KnownCaller?, any Error>] = [:]
    }

    private static let maximumKnown = 10_000
    private static let maximumUnknown = 1_000
    /// How many different tokens are looked up at once. Anybody can send tokens.
    private static let maximumLookups = 64
    private static let maximumTokenBytes = 256

    private let adminTokenHash: [UInt8]?
    private let replica: Replica
    private let memory = Mutex(Memory())

    /// The server accepts `adminToken` in addition to the tokens in the database.
    init(adminToken: String?, replica: Replica) {
        adminTokenHash = adminToken.map(TokenStore.hash)
        self.replica = replica
    }

    /// As long as this version does not change, no token is revoked.
    var configurationVersion: Int64 { replica.configurationVersion }

    /// The caller of a request with this `Authorization` header.
    func caller(_ authorization: String?) async throws -> KnownCaller {
        if let caller = try remembered(authorization) { return caller }
        let lookup = try lookup(of: Self.token(authorization))
        guard let caller = try await lookup.value, isValid(caller) else { throw Self.unknown }
        caller.noteUse()
        return caller
    }

    /// The same from memory alone; nil where the database must be asked.
    func remembered(_ authorization: String?) throws(Problem) -> KnownCaller? {
        let text = try Self.token(authorization)
        let (known, isUnknown) = memory.withLock { ($0.known[text], $0.unknown[text] != nil) }
        guard let caller = known ?? admin(text) else {
            if isUnknown || !TokenStore.isWellFormed(text) { throw Self.unknown }
            return nil
        }
        guard isValid(caller) else { throw Self.unknown }
        caller.noteUse()
        return caller
    }

    /// The ids of the tokens that were used since the last call of this.
    func takeUsedTokens() -> [Int64] {
        memory.withLock { $0.known.values.filter { $0.takeUse() }.compactMap(\.tokenID) }
    }

    private func isValid(_ caller: KnownCaller) -> Bool {
        caller.tokenID.map { !replica.configuration.revokedTokens.contains($0) } ?? true
    }

    private func admin(_ text: String) -> KnownCaller? {
        guard let adminTokenHash, TokenStore.hash(of: text).isEqualInConstantTime(to: adminTokenHash) else {
            return nil
        }
        let caller = KnownCaller(Principal(role: .admin, team: nil, name: "the admin token"), tokenID: nil)
        memory.withLock { $0.known[text] = caller }
        return caller
    }

    /// The look-up of a token that is under way, or a new one.
    private func lookup(of text: String) throws(Problem) -> Task<KnownCaller?, any Error> {
        let lookup = memory.withLock { memory -> Task<KnownCaller?, any Error>? in
            if let lookup = memory.lookups[text] { return lookup }
            guard memory.lookups.count < Self.maximumLookups else { return nil }
            let lookup = Task { try await find(text) }
            memory.lookups[text] = lookup
            return lookup
        }
        guard let lookup else { throw Self.tooMany }
        return lookup
    }

    private func find(_ text: String) async throws -> KnownCaller? {
        let result: Result<KnownCaller?, any Error>
        do {
            result = .success(try await replica.database.lookUp { try TokenStore.find(text, $0) }.flatMap(Self.caller))
        } catch {
            result = .failure(error)
        }
        memory.withLock { memory in
            memory.lookups[text] = nil
            switch result {
            case .success(let caller?): memory.known[text] = caller
            case .success(nil): memory.unknown[text] = ()
            case .failure: break
            }
        }
        return try result.get()
    }

    /// Nil for a role that this version does not know.
    private static func caller(_ token: Token) -> KnownCaller? {
        token.role.map { role in
            KnownCaller(Principal(role: role, team: token.team, name: token.signature), tokenID: token.id)
        }
    }

    private static let unknown = Problem(.unauthorized, "The token is not known or was revoked.")
    private static let tooMany = Problem(
        .unavailable, "Too many tokens that are new to this server are being looked up. Send it again in a moment.")

    /// The token in an `Authorization` header.
    static func token(_ authorization: String?) throws(Problem) -> String {
        guard let authorization, authorization.utf8.count <= maximumTokenBytes,
            authorization.prefix(7).lowercased() == "bearer "
        else { throw Problem(.unauthorized, "A token is needed: Authorization: Bearer <token>.") }
        return String(authorization.dropFirst(7))
    }
}
