import Foundation

/// The file in a data directory that tells `purser verify` how to reach the embedded PostgreSQL while a server runs on
/// it.
package struct EmbeddedAddress: Sendable {
    private let path: String

    package init(_ dataDirectory: String) { path = dataDirectory + "/connection" }

    package func write(_ connectionString: String) throws {
        try Data(connectionString.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    package func read() -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
}
