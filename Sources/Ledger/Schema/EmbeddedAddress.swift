import Foundation

/// Where the embedded PostgreSQL of a data directory can be reached while a server runs on it, for `purser verify`.
package struct EmbeddedAddress: Sendable {
    private let path: String

    package init(_ dataDirectory: String) { path = dataDirectory + "/connection" }

    package func write(_ connectionString: String) throws {
        try Data(connectionString.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    package func read() -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
}
