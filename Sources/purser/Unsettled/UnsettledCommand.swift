import ArgumentParser

struct UnsettledCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unsettled", abstract: "See which calls nobody settled.", subcommands: [UnsettledList.self])
}
