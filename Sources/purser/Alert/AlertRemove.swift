import ArgumentParser

struct AlertRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Send no more alerts there.")

    @Argument(help: "The alert's name.", transform: Name.checked)
    var name: String

    func run() async throws {
        _ = try await PurserClient().send("DELETE", Route("alerts", name))
        StandardError.writeLine("The alert \(name) is removed.")
    }
}
