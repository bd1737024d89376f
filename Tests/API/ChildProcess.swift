import Foundation
import Synchronization

/// A child process that gets SIGTERM when the test process ends, even when the test process is killed.
///
/// Linux sends that signal when the thread that started the child ends. Each child therefore has a thread of its own
/// that lives as long as the child.
final class ChildProcess: Sendable {
    struct End: Sendable {
        let exitCode: Int32
        let isSignalled: Bool
    }

    private enum State {
        case starting
        case running(pid_t)
        case ended(End)
        case failed(String)
    }

    private let state = Mutex(State.starting)
    private let changed = NSCondition()

    init(
        _ executable: String, _ arguments: [String], environment: [String: String], input: String = "/dev/null",
        output: String, errors: String
    ) throws {
        Thread.detachNewThread { [self] in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
            process.arguments = ["--pdeathsig", "TERM", "--", executable] + arguments
            process.environment = environment
            do {
                process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: input))
                process.standardOutput = try Self.file(output)
                process.standardError = try Self.file(errors)
                try process.run()
            } catch {
                set(.failed("\(executable) could not be started: \(error)"))
                return
            }
            set(.running(process.processIdentifier))
            process.waitUntilExit()
            set(
                .ended(
                    End(exitCode: process.terminationStatus, isSignalled: process.terminationReason == .uncaughtSignal))
            )
        }
        if case .failed(let why) = wait(atMostSeconds: 60, { if case .starting = $0 { false } else { true } }) {
            throw TestFailure(why)
        }
    }

    private static func file(_ path: String) throws -> FileHandle {
        guard FileManager.default.createFile(atPath: path, contents: nil) else {
            throw TestFailure("\(path) cannot be written.")
        }
        return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }

    private func set(_ new: State) {
        changed.lock()
        state.withLock { $0 = new }
        changed.broadcast()
        changed.unlock()
    }

    private func wait(atMostSeconds seconds: Double, _ isReached: (State) -> Bool) -> State {
        let limit = Date(timeIntervalSinceNow: seconds)
        changed.lock()
        defer { changed.unlock() }
        while true {
            let now = state.withLock { $0 }
            if isReached(now) || !changed.wait(until: limit) { return now }
        }
    }

    var end: End? { state.withLock { if case .ended(let end) = $0 { end } else { nil } } }

    var processID: Int32? { state.withLock { if case .running(let pid) = $0 { pid } else { nil } } }

    func signal(_ number: Int32) { state.withLock { if case .running(let pid) = $0 { kill(pid, number) } } }

    /// Blocks until the process ends. Nil where the process still runs after `seconds`.
    func waitForEnd(atMostSeconds seconds: Double) -> End? {
        _ = wait(atMostSeconds: seconds) { if case .ended = $0 { true } else { false } }
        return end
    }

    func ended(atMostSeconds seconds: Double) async throws -> End {
        let end = await withCheckedContinuation { continuation in
            Thread.detachNewThread { [self] in continuation.resume(returning: waitForEnd(atMostSeconds: seconds)) }
        }
        guard let end else { throw TestFailure("The process did not end within \(seconds) seconds.") }
        return end
    }
}
