import ArgumentParser

struct LadderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ladder", abstract: "Say which models a team or feature may use, best first.",
        subcommands: [LadderSet.self, LadderList.self, LadderRemove.self])
}
