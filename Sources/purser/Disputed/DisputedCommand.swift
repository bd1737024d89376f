import ArgumentParser

struct DisputedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disputed", abstract: "See usage that was refused, and decide on it.",
        subcommands: [DisputedList.self, DisputedAccept.self, DisputedDismiss.self])
}
