import ArgumentParser

struct CreditList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the credits with what is left of them, those that were withdrawn too.")

    @OptionGroup var listing: ListingOptions

    func run() async throws {
        try listing.write(try await PurserClient().get(Route("credits")), "credits", columns: Column.credit)
    }
}
