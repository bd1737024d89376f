import ArgumentParser

struct PriceList: ListCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the price book, past and future prices included.",
        discussion: "Example: purser price list --provider anthropic --output csv")
    static let field: StaticString = "prices"
    static let columns = Column.price

    @Option(help: "Only prices of this model.", transform: Name.notEmpty)
    var model: String?

    @Option(help: "Only prices of this provider.", transform: Name.notEmpty)
    var provider: String?

    @OptionGroup var listing: ListingOptions

    func run() async throws {
        let answer = try await PurserClient().get(route)
        try listing.write(answer, Self.field, columns: Self.columns)
        try answer.tellWarnings()
    }

    var route: Route { get throws { try Route("prices").query("model", model).query("provider", provider) } }
}
