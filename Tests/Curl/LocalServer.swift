import Foundation

/// `server.py` as one child process for all tests. It ends when its input closes, which happens when this process ends.
final class LocalServer: Sendable {
    struct Ports: Decodable, Sendable {
        let plain: Int
        let secure: Int
        let closed: Int
    }

    struct DidNotStart: Error, CustomStringConvertible {
        let description = "Tests/Curl/server.py did not start: it needs python3 and openssl."
    }

    let ports: Ports
    private let input: Pipe

    private static let shared = Result { try LocalServer() }

    static func running() throws -> LocalServer {
        try shared.get()
    }

    private init() throws {
        let process = Process()
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "server.py")
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", script.path(percentEncoded: false)]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = Data()
        while line.last != UInt8(ascii: "\n") {
            let read = output.fileHandleForReading.availableData
            guard !read.isEmpty else { throw DidNotStart() }
            line += read
        }
        ports = try JSONDecoder().decode(Ports.self, from: line)
        self.input = input
    }

    func url(_ path: String) -> String {
        "http://127.0.0.1:\(ports.plain)\(path)"
    }
}
