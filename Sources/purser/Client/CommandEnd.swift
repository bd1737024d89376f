import ArgumentParser
import Glibc

/// How the process ends after an error: what it says, where, and its exit code.
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
            // Scripts know 2 as wrong usage; ArgumentParser ends with 64, from sysexits.h.
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

    /// Without the handlers of `exit`: they take OpenSSL down, which a thread that just ends its connection may be using.
    static func leave(_ exitCode: Int32) -> Never {
        fflush(nil)
        _exit(exitCode)
    }
}
