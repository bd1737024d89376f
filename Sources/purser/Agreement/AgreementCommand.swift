import ArgumentParser

struct AgreementCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agreement", abstract: "Say what the company pays in place of list prices.",
        subcommands: [AgreementAdd.self, AgreementList.self, AgreementEnd.self])
}
