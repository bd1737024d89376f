import ArgumentParser

struct CreditWithdraw: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "withdraw", abstract: "Withdraw a credit that is wrong, unless it has paid in a closed month.")

    @Argument(help: "The credit's name.", transform: Name.checked)
    var name: String

    func run() async throws {
        _ = try await PurserClient().send("DELETE", Route("credits", name))
        StandardError.writeLine("The credit \(name) is withdrawn.")
    }
}
