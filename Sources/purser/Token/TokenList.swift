import ArgumentParser

struct TokenList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the tokens, without their secrets.")

    @OptionGroup var listing: ListingOptions

    func run() async throws {
        let answer = try await PurserClient().get(Route("tokens"))
        try listing.write(
            answer, "tokens",
            columns: [
                .text("id"), .text("role"), .text("team"), .time("created_at", title: "CREATED"),
                .time("last_used_at", title: "LAST USED"), .time("revoked_at", title: "REVOKED"),
            ])
    }
}
