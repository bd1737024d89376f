import Glibc

/// The output for data.
enum StandardOutput {
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// The width of the terminal in columns; nil where there is no terminal.
    static var terminalWidth: Int? {
        var size = winsize()
        guard isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    static func write(_ bytes: [UInt8]) throws(CommandFailure) {
        do {
            try FileDescriptor(STDOUT_FILENO).write(bytes)
        } catch {
            guard error.code != EPIPE else { throw CommandFailure(.outputClosed) }
            throw CommandFailure(.refused, "Cannot write to standard output: \(error).")
        }
    }

    /// Waits. Throws where the reader has closed standard output meanwhile, as `head` does: who writes nothing while it
    /// waits would not find out.
    static func pause(seconds: Int) async throws {
        for _ in 0..<seconds {
            try await Task.sleep(for: .seconds(1))
            var descriptor = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
            guard poll(&descriptor, 1, 0) == 1 else { continue }
            if Int32(descriptor.revents) & (POLLERR | POLLHUP) != 0 { throw CommandFailure(.outputClosed) }
        }
    }

    static func write(_ text: String) throws(CommandFailure) { try write(Array(text.utf8)) }
    static func writeLine(_ text: String) throws(CommandFailure) { try write(text + "\n") }

    /// Writes text for programs: the bytes as they are, and a line end where they have none. On a terminal a person
    /// reads it, and sees what would otherwise act on the terminal.
    static func writeText(_ bytes: [UInt8]) throws(CommandFailure) {
        let bytes = isTerminal ? Array(PrintableText.lines(of: String(decoding: bytes, as: UTF8.self)).utf8) : bytes
        try write(bytes.last == UInt8(ascii: "\n") ? bytes : bytes + [UInt8(ascii: "\n")])
    }
}

/// The output for everything that is not data. A failed write is ignored, because there is nowhere to report it.
enum StandardError {
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Makes control characters visible, except line ends, because the text may come from the server.
    static func writeLine(_ text: String) {
        writeRaw(PrintableText.lines(of: text) + "\n")
    }

    static func writeRaw(_ text: String) { try? FileDescriptor(STDERR_FILENO).write(Array(text.utf8)) }
}
