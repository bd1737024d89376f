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
}
