import ArgumentParser

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Make, list and revoke access tokens.",
        subcommands: [TokenCreate.self, TokenList.self, TokenRevoke.self])
}

/// The roles of tokens. The server decides what a role may do.
enum Role: String, ExpressibleByArgument, CaseIterable {
    case router, team, finance, admin
}
