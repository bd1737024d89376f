import Glibc
import Synchronization

/// An answer that is written as it arrives: a month may have millions of rows.
struct Download {
    let route: Route

    /// A month of a large company takes a while.
    private static let timeoutSeconds = 3_600

    /// - Parameter path: nil and `-` stand for standard output. A file is replaced only once all of it is there.
    func write(to path: String?) async throws {
        guard let path, path != "-" else {
            do {
                return try await write(to: FileDescriptor(STDOUT_FILENO))
            } catch let failure as SystemFailure {
                throw failure.code == EPIPE
                    ? CommandFailure(.outputClosed)
                    : CommandFailure(.refused, "Cannot write to standard output: \(failure).")
            }
        }
        try await AtomicFile(path: path).write { try await write(to: $0) }
    }

    private func write(to descriptor: FileDescriptor) async throws {
        let output = ReceivedOutput(descriptor)
        try await PurserClient().receive(route, timeoutSeconds: Self.timeoutSeconds, receive: output.write)
        try output.finish()
    }
}

/// Writes what arrives, until a write fails.
private final class ReceivedOutput: Sendable {
    private let descriptor: FileDescriptor
    private let failure = Mutex<SystemFailure?>(nil)

    init(_ descriptor: FileDescriptor) { self.descriptor = descriptor }

    func write(_ bytes: UnsafeRawBufferPointer) {
        failure.withLock { failure in
            guard failure == nil else { return }
            do throws(SystemFailure) {
                try descriptor.write(Array(bytes))
            } catch {
                failure = error
            }
        }
    }

    func finish() throws(SystemFailure) {
        if let failure = failure.withLock({ $0 }) { throw failure }
    }
}
