import ArgumentParser

struct CreditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credit", abstract: "Say what providers were paid in advance, and read what is left of it.",
        subcommands: [CreditAdd.self, CreditList.self, CreditWithdraw.self])
}
