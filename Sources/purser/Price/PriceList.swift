import ArgumentParser

struct PriceList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the price book, past and future prices included.",
        discussion: """
            The table has prices of tokens by the million (PER 1M), and of anything else by one. json and csv have them by the \
            unit, to the last place.

            Example: purser price list --provider anthropic --output csv
            """)

    @Option(help: "Only prices of this model.", completion: .models, transform: Name.notEmpty)
    var model: String?

    @Option(help: "Only prices of this provider.", transform: Name.notEmpty)
    var provider: String?

    @OptionGroup var listing: ListingOptions

    func run() async throws {
        let answer = try await PurserClient().get(route)
        try listing.writePrices(answer, ofOneModel: false, title: TableTitle("Prices, past and future ones included"))
        try answer.tellWarnings()
    }

    var route: Route { get throws { try Route("prices").query("model", model).query("provider", provider) } }
}
