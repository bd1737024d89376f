import ArgumentParser
import Glibc

/// Asks the person at the terminal before something is done that cannot be taken back.
enum Confirmation {
    /// Whether the person says yes. Throws where nobody can be asked.
    static func given(_ question: String) throws(CommandFailure) -> Bool {
        guard isatty(STDIN_FILENO) == 1, StandardError.isTerminal else {
            throw CommandFailure(.usage, "\(question) Nobody can be asked here: --yes is needed.")
        }
        StandardError.writeRaw("\(question) [y/N] ")
        return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
    }

    /// Ends the command as refused unless the person says yes, or has said so in the line.
    static func require(_ question: String, unless isGiven: Bool) throws {
        guard try isGiven || given(question) else {
            StandardError.writeLine("Nothing was changed.")
            throw ExitCode(CommandFailure.Kind.refused.exitCode)
        }
    }
}
