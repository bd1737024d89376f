import ArgumentParser

struct LadderList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the ladders.")

    @Option(help: "Only the ladders of this team.", transform: Name.checked)
    var team: String?

    @OptionGroup var listing: ListingOptions

    func run() async throws {
        let answer = try await PurserClient().get(Route("ladders").query("team", team))
        try listing.write(
            answer, "ladders", columns: [.text("team"), .text("feature"), .text("models"), .text("floor")])
    }
}
