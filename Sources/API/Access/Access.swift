import Accounting
import Foundation
import HTTPTypes
import Ledger
import Synchronization

/// Tells who a request comes from. Verified tokens are remembered, a bounded number, until the configuration changes.
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

    /// `adminToken` is accepted beside those in the database.
    init(adminToken: String?, replica: Replica) {
        adminTokenHash = adminToken.map(TokenStore.hash)
        self.replica = replica
    }

    func principal(_ headers: HTTPFields) async throws -> Principal {
        guard let header = headers[.authorization], header.utf8.count <= Self.maximumTokenBytes,
            header.prefix(7).lowercased() == "bearer "
        else { throw Problem(.unauthorized, "A token is needed: Authorization: Bearer <token>.") }
        let text = String(header.dropFirst(7))
        let version = replica.configuration.version
        let known = memory.withLock { memory in
            if memory.configurationVersion != version { memory = Memory(configurationVersion: version) }
            return memory.principals[text]
        }
        let principal: Principal?
        if let known {
            principal = known
        } else {
            principal = try await find(text)
            memory.withLock { memory in
                guard memory.configurationVersion == version else { return }
                if memory.principals.count >= Self.maximumRemembered { memory.principals = [:] }
                memory.principals[text] = .some(principal)
            }
        }
        guard let principal else { throw Problem(.unauthorized, "The token is not known or was revoked.") }
        return principal
    }

    private func find(_ text: String) async throws -> Principal? {
        if let adminTokenHash, Self.isEqual(TokenStore.hash(of: text), adminTokenHash) {
            return Principal(role: .admin, team: nil, name: "the admin token")
        }
        return try await replica.database.run { try TokenStore.find(text, $0) }.map { token in
            Principal(role: token.role, team: token.team, name: "token \(token.id)")
        }
    }

    /// Takes as long for two that differ in the first byte as for two that differ in the last.
    private static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }
}
