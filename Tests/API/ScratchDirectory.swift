import Foundation
import PostgresTesting
import Synchronization

/// A directory that is removed with the last reference to it, or when the tests end.
final class ScratchDirectory: Sendable {
    let path: String

    init() throws {
        path = TemporaryDirectory.root + "/purser-api-\(UUID().uuidString)"
        // Where the tests run as root, PostgreSQL runs as another user and must be able to pass through the directory.
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    }

    deinit { remove() }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "\(path)/\(name)") ?? Data(), as: UTF8.self)
    }
}
