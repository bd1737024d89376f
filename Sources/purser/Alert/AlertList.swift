import ArgumentParser

struct AlertList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List where alerts go.")

    @OptionGroup var listing: ListingOptions

    func run() async throws {
        let answer = try await PurserClient().get(Route("alerts"))
        try listing.write(
            answer, "alerts",
            columns: [.text("name"), .text("team"), .time("created_at", title: "CREATED"), .prose("webhook")])
    }
}
