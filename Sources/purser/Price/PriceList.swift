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

    var route: Route { get throws { try Route("prices").query("model", model).query("provider", provider) } }
}
