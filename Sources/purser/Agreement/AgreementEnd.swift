import ArgumentParser

struct AgreementEnd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "end", abstract: "End an agreement now; calls cost what they would without it from here on.",
        discussion: "What calls have cost stays what it is. To end one on a day, add it again with that --until.")

    @Argument(help: "The agreement's name.", transform: Name.checked)
    var name: String

    func run() async throws {
        _ = try await PurserClient().send("DELETE", Route("agreements", name))
        StandardError.writeLine("The agreement \(name) has ended.")
    }
}
