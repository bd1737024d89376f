import ArgumentParser
import Glibc

/// How the process ends after an error: its exit code, and what it writes to standard output and standard error.
struct CommandEnd: Equatable {
    var exitCode: Int32
    var standardOutput = ""
    var standardError = ""

    init(of error: any Error) {
        if let failure = error as? CommandFailure {
            exitCode = failure.kind.exitCode
            standardError = failure.kind == .outputClosed ? "" : "Error: \(failure.description)"
            return
        }
        let text = Purser.fullMessage(for: error)
        switch Purser.exitCode(for: error) {
        case .success:
            exitCode = 0
            standardOutput = text
        case .validationFailure:
            // Scripts expect 2 for wrong usage. The exit code of ArgumentParser for it is 64, from sysexits.h.
            exitCode = CommandFailure.Kind.usage.exitCode
            standardError = text
        case let code:
            exitCode = code.rawValue
            standardError = text
        }
    }

    func exit() -> Never {
        if !standardOutput.isEmpty { try? StandardOutput.writeLine(standardOutput) }
        if !standardError.isEmpty { StandardError.writeLine(standardError) }
        Self.leave(exitCode)
    }

    /// Ends the process without the handlers of `exit`: they shut OpenSSL down, while another thread may still use it
    /// to end its connection.
    static func leave(_ exitCode: Int32) -> Never {
        fflush(nil)
        _exit(exitCode)
    }
}
