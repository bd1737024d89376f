import ArgumentParser

/// Asks before a hard budget is loosened or removed.
struct ConfirmingOptions: ParsableArguments {
    @Flag(help: "Loosen or remove a hard budget without asking.")
    var yes = false

    func require(_ difference: BudgetDifference) throws {
        if difference.loosens { try require(difference.question) }
    }

    func require(_ question: String) throws {
        guard try yes || Confirmation.given(question) else {
            StandardError.writeLine("Nothing was changed.")
            throw ExitCode(CommandFailure.Kind.refused.exitCode)
        }
    }
}
