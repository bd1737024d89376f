import ArgumentParser

struct LadderRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a ladder, so that any model may be used.")

    @OptionGroup var ladder: LadderTarget

    func run() async throws {
        _ = try await PurserClient().send("DELETE", ladder.route())
        StandardError.writeLine("The ladder of \(ladder.target) is removed.")
    }
}
