import ArgumentParser

struct FocusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "focus", abstract: "Check files of FOCUS, the format of cost files.",
        subcommands: [FocusVerify.self])
}
