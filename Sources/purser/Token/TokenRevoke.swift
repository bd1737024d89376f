import ArgumentParser

struct TokenRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Take a token's rights away for good.",
        discussion: "Example: purser token revoke 12, with the id from purser token list")

    @Argument(help: "The token's id, not the token.", transform: Name.notEmpty)
    var id: String

    func run() async throws {
        _ = try await PurserClient().send("DELETE", Route("tokens", id))
        StandardError.writeLine("The token \(id) is revoked.")
    }
}
