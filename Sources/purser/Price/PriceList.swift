import ArgumentParser

struct PriceList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the price book, past and future prices included.",
        discussion: "Example: purser price list --provider anthropic --output csv")

    @Option(help: "Only prices of this model.", transform: Name.notEmpty)
    var model: String?

    @Option(help: "Only prices of this provider.", transform: Name.notEmpty)
    var provider: String?

    @OptionGroup var listing: ListingOptions

    func run() async throws {
        let route = try Route("prices").query("model", model).query("provider", provider)
        try listing.write(try await PurserClient().get(route), "prices", columns: Column.price)
    }
}
