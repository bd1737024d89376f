import ArgumentParser

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Make, list and revoke access tokens.",
        subcommands: [TokenCreate.self, TokenList.self, TokenRevoke.self])
}

/// What a token may do; the server has the last word.
enum Role: String, ExpressibleByArgument, CaseIterable {
    case router, team, finance, admin
}
