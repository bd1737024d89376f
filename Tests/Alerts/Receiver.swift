import Foundation
import Glibc

/// `receiver.py` as a child process that lives as long as this object.
final class Receiver: Sendable {
    struct Request: Decodable {
        let path: String
        let headers: [String: String]
        let body: String
        let status: Int
        let verified: Bool
        let problem: String?
    }

    struct DidNotStart: Error, CustomStringConvertible {
        let description: String
    }

    let url: String
    private let process: Process
    /// The child ends when this pipe closes, even when the test process crashes.
    private let input: Pipe
    private let record: URL

    init(secret: String, arguments: [String] = []) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        record = FileManager.default.temporaryDirectory.appending(path: "purser-receiver-\(UUID().uuidString).jsonl")
        let process = Process()
        process.executableURL = try Self.python(in: folder.deletingLastPathComponent().deletingLastPathComponent())
        process.arguments =
            [
                folder.appending(path: "receiver.py").path(percentEncoded: false), "--secret", secret, "--record",
                record.path(percentEncoded: false),
            ] + arguments
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = Data()
        while line.last != UInt8(ascii: "\n") {
            let read = output.fileHandleForReading.availableData
            guard !read.isEmpty else {
                throw DidNotStart(
                    description: "Tests/Alerts/receiver.py did not start; `make test` installs standardwebhooks.")
            }
            line += read
        }
        url = "http://127.0.0.1:\(String(decoding: line.dropLast(), as: UTF8.self))"
        self.process = process
        self.input = input
    }

    deinit {
        // The child inherits the blocked signals of the thread that started it. Only SIGKILL is sure to reach it.
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(at: record)
    }

    func requests() throws -> [Request] {
        // The first request makes the file.
        guard FileManager.default.fileExists(atPath: record.path(percentEncoded: false)) else { return [] }
        let lines = try Data(contentsOf: record).split(separator: UInt8(ascii: "\n"))
        return try lines.map { try JSONDecoder().decode(Request.self, from: $0) }
    }

    private static func python(in repository: URL) throws -> URL {
        let named = ProcessInfo.processInfo.environment["PURSER_TEST_PYTHON"].map { URL(filePath: $0) }
        let python = named ?? repository.appending(path: ".build-venv/bin/python")
        guard FileManager.default.isExecutableFile(atPath: python.path(percentEncoded: false)) else {
            throw DidNotStart(
                description:
                    "There is no Python with standardwebhooks at \(python.path(percentEncoded: false)); `make test` installs it, "
                    + "or name one in PURSER_TEST_PYTHON.")
        }
        return python
    }
}
