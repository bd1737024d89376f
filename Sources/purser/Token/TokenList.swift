import ArgumentParser

struct TokenList: ListCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the tokens, without their secrets.")
    static let field: StaticString = "tokens"
    static let columns: [Column] = [
        .text("id"), .text("role"), .text("team"), .text("name"), .time("created_at", title: "CREATED").spared(2),
        .time("last_used_at", title: "LAST USED"), .time("revoked_at", title: "REVOKED").spared(1),
    ]

    @OptionGroup var listing: ListingOptions

    var title: TableTitle { TableTitle("Tokens") }

    var route: Route { get throws { try Route("tokens") } }
}
