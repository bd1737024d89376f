import Accounting
import Foundation
import Ledger
import Synchronization

/// Finds out which caller sent a request, by its bearer token. It keeps the results in memory, at most
/// `maximumRemembered` of them, until the configuration changes.
final class Access: Sendable {
    private struct Memory {
        var configurationVersion: Int64 = -1
        var principals: [String: Principal?] = [:]
    }

    private static let maximumRemembered = 10_000
    private static let maximumTokenBytes = 256

    private let adminTokenHash: [UInt8]?
    private let replica: Replica
    private let memory = Mutex(Memory())

    /// The server accepts `adminToken` in addition to the tokens in the database.
    init(adminToken: String?, replica: Replica) {
        adminTokenHash = adminToken.map(TokenStore.hash)
        self.replica = replica
    }

    /// The remembered results are valid as long as this version does not change.
    var configurationVersion: Int64 { replica.configurationVersion }

    /// The caller of a request with this `Authorization` header.
    func principal(_ authorization: String?) async throws -> Principal {
        let version = configurationVersion
        if let known = try remembered(authorization) { return known }
        let text = try Self.token(authorization)
        let principal = try await find(text)
        memory.withLock { memory in
            guard memory.configurationVersion == version else { return }
            if memory.principals.count >= Self.maximumRemembered { memory.principals = [:] }
            memory.principals[text] = .some(principal)
        }
        guard let principal else { throw Self.unknown }
        return principal
    }

    /// The same from memory alone; nil where the database must be asked.
    func remembered(_ authorization: String?) throws(Problem) -> Principal? {
        let text = try Self.token(authorization)
        let version = configurationVersion
        let known = memory.withLock { memory in
            if memory.configurationVersion != version { memory = Memory(configurationVersion: version) }
            return memory.principals[text]
        }
        guard let known else { return nil }
        guard let known else { throw Self.unknown }
        return known
    }

    private static let unknown = Problem(.unauthorized, "The token is not known or was revoked.")

    private static func token(_ authorization: String?) throws(Problem) -> String {
        guard let authorization, authorization.utf8.count <= maximumTokenBytes,
            authorization.prefix(7).lowercased() == "bearer "
        else { throw Problem(.unauthorized, "A token is needed: Authorization: Bearer <token>.") }
        return String(authorization.dropFirst(7))
    }

    private func find(_ text: String) async throws -> Principal? {
        if let adminTokenHash, TokenStore.hash(of: text).isEqualInConstantTime(to: adminTokenHash) {
            return Principal(role: .admin, team: nil, name: "the admin token")
        }
        return try await replica.database.run { try TokenStore.find(text, $0) }.map { token in
            Principal(role: token.role, team: token.team, name: "token \(token.id)")
        }
    }
}
