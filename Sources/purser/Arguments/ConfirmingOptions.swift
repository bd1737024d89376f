import ArgumentParser

/// Asks before a hard budget is loosened or removed, or calls begin to count elsewhere.
struct ConfirmingOptions: ParsableArguments {
    @Flag(help: "Do it without asking.")
    var yes = false

    func require(_ difference: BudgetDifference) throws {
        if difference.loosens { try require(difference.question) }
    }

    func require(_ question: String) throws { try Confirmation.require(question, unless: yes) }
}
