import Foundation

/// The `purser` binary under test, as it was built, and the files it reads.
enum PurserBinary {
    static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// The value of `PURSER_TEST_BINARY`, or else the debug build in this checkout.
    static let path = environment["PURSER_TEST_BINARY"] ?? "\(repository)/.build/debug/purser"

    static let share = environment["PURSER_SHARE"] ?? repository

    private static let environment = ProcessInfo.processInfo.environment

    static func requireExecutable() throws {
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw TestFailure("There is no purser to test at \(path). Build it, or set PURSER_TEST_BINARY.")
        }
    }

    /// The environment of a command. Of the caller's variables it keeps only those that locate programs and their data.
    static func environment(_ own: [String: String]) -> [String: String] {
        let kept = environment.filter { ["PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH"].contains($0.key) }
        return kept.merging(["PURSER_SHARE": SmallShare.path]) { $1 }.merging(own) { $1 }
    }
}

/// The reason why a test cannot go on, as a sentence.
struct TestFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
