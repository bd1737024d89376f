import ArgumentParser

struct AgreementList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the agreements, past and future ones included.")

    @Option(help: "Only those that apply to this team's calls.", transform: Name.checked)
    var team: String?

    @OptionGroup var listing: ListingOptions

    func run() async throws {
        let answer = try await PurserClient().get(Route("agreements").query("team", team))
        try listing.write(
            answer, "agreements",
            columns: [
                .text("name"), .text("team"), .text("provider"), .text("model"), .text("discount"), .text("markup"),
                .prose("rates"), .time("valid_from", title: "FROM"), .time("valid_until", title: "UNTIL"),
                .prose("note"), .text("added_by", isWide: true), .time("added_at", isWide: true),
            ])
    }
}
