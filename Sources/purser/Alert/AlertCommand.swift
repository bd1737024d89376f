import ArgumentParser

struct AlertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alert", abstract: "Say where alerts go.",
        subcommands: [AlertAdd.self, AlertList.self, AlertTest.self, AlertRemove.self])
}
