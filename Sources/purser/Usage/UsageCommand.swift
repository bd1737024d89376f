import ArgumentParser

struct UsageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage", abstract: "Import usage, take it back, and watch it arrive.",
        subcommands: [UsageImport.self, UsageReverse.self, UsageTail.self])
}
