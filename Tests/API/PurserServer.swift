import Foundation
import Synchronization

/// A running `purser serve`, by default on an embedded PostgreSQL in a directory of its own.
final class PurserServer: Sendable {
    static let adminToken = "admin-token-of-the-tests-0123456789abcdef"

    let url: String
    let directory: ScratchDirectory
    let process: ChildProcess

    var admin: Client { Client(url: url, token: Self.adminToken) }
    var log: String { directory.text("serve.err") }
    var dataDirectory: String { "\(directory.path)/data" }

    /// - Parameters:
    ///   - database: a connection string; nil for the embedded PostgreSQL.
    ///   - drainSeconds: how long the server runs on after SIGTERM, so that load balancers can notice.
    ///   - environment: more of its variables.
    init(
        in directory: ScratchDirectory, database: String? = nil, drainSeconds: Int = 0,
        environment: [String: String] = [:]
    ) async throws {
        self.directory = directory
        process = try Self.start(
            in: directory, database: database,
            environment: ["PURSER_DRAIN_SECONDS": "\(drainSeconds)"].merging(environment) { $1 })
        url = try await Self.address(in: directory, of: process)
    }

    /// Where the server listens, once it is ready.
    static func address(in directory: ScratchDirectory, of process: ChildProcess) async throws -> String {
        let prefix = "purser is ready on "
        let deadline = ContinuousClock.now + .seconds(120)
        while !directory.text("serve.out").hasSuffix("\n") {
            guard process.end == nil, ContinuousClock.now < deadline else {
                throw TestFailure("purser serve did not get ready: \(directory.text("serve.err"))")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        let line = directory.text("serve.out").dropLast()
        guard line.hasPrefix(prefix), !line.contains("\n") else { throw TestFailure("serve printed: \(line)") }
        return String(line.dropFirst(prefix.count))
    }

    /// Starts a server without waiting until it is ready.
    ///
    /// - Parameter maximumDescriptors: how many files the system lets it have open; nil for as many as the tests may.
    static func start(
        in directory: ScratchDirectory, database: String? = nil, output: String = "serve",
        environment: [String: String] = [:], maximumDescriptors: Int? = nil
    ) throws -> ChildProcess {
        // The tests' receivers of alerts are on this machine.
        let environment = ["PURSER_ALERTS_ALLOW_PRIVATE": "true"].merging(environment) { $1 }
        try PurserBinary.requireExecutable()
        let place = database.map { ["--database-url", $0] } ?? ["--data-dir", "\(directory.path)/data"]
        let command = [PurserBinary.path, "serve", "--listen", "127.0.0.1:0"] + place
        let limited = maximumDescriptors.map { ["/usr/bin/prlimit", "--nofile=\($0):\($0)"] + command } ?? command
        return try ChildProcess(
            limited[0], Array(limited.dropFirst()),
            environment: PurserBinary.environment(["PURSER_ADMIN_TOKEN": adminToken].merging(environment) { $1 }),
            output: "\(directory.path)/\(output).out", errors: "\(directory.path)/\(output).err")
    }

    deinit {
        process.signal(SIGINT)
        _ = process.waitForEnd(atMostSeconds: 60)
    }

    // MARK: one server for all tests that need none of their own

    static var shared: PurserServer {
        get async throws { try await start.value }
    }

    private static let start = Task { () async throws -> PurserServer in
        let server = try await PurserServer(
            in: ScratchDirectory(), environment: ["PURSER_SHARE": PurserBinary.share])
        running.withLock { $0 = server }
        atexit {
            guard let server = PurserServer.running.withLock({ $0 }) else { return }
            server.process.signal(SIGTERM)
            _ = server.process.waitForEnd(atMostSeconds: 60)
            server.directory.remove()
        }
        return server
    }

    private static let running = Mutex<PurserServer?>(nil)
}
