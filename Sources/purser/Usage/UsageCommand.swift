import ArgumentParser

struct UsageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage", abstract: "Import usage and watch it arrive.",
        subcommands: [UsageImport.self, UsageTail.self])
}
