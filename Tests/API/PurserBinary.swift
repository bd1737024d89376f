import Foundation

/// The command under test, as it was built, with what it reads beside it.
enum PurserBinary {
    static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// `PURSER_TEST_BINARY`, or what a build left beside these sources.
    static let path = environment["PURSER_TEST_BINARY"] ?? "\(repository)/.build/debug/purser"

    static let share = environment["PURSER_SHARE"] ?? repository

    private static let environment = ProcessInfo.processInfo.environment

    static func requireExecutable() throws {
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw TestFailure("There is no purser to test at \(path). Build it, or set PURSER_TEST_BINARY.")
        }
    }

    /// Nothing of whoever runs the tests but where programs and their data are found.
    static func environment(_ own: [String: String]) -> [String: String] {
        let kept = environment.filter { ["PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH"].contains($0.key) }
        return kept.merging(["PURSER_SHARE": share]) { $1 }.merging(own) { $1 }
    }
}

/// Why a test cannot go on, in a sentence.
struct TestFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
