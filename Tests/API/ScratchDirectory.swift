import Foundation
import Synchronization

/// A directory that is removed when nobody holds it any more, or when the tests end.
final class ScratchDirectory: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/purser-api-\(UUID().uuidString)"
        // PostgreSQL runs as another user where we are root, and must be able to pass through.
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    }

    deinit { remove() }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "\(path)/\(name)") ?? Data(), as: UTF8.self)
    }
}
