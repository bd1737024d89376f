import ArgumentParser

/// Asks before calls begin to count elsewhere, or under another name.
struct MoveConfirming: ParsableArguments {
    @Flag(help: "Do it without asking.")
    var yes = false

    func require(_ question: String) throws {
        guard try yes || Confirmation.given(question) else {
            StandardError.writeLine("Nothing was changed.")
            throw ExitCode(CommandFailure.Kind.refused.exitCode)
        }
    }
}
