import ArgumentParser
import JSON

struct TeamRename: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rename", abstract: "Give a team another name; nothing that it has spent is lost.",
        discussion: """
            The old name means the team for good: calls and commands that use it go on working, and calls are warned. It \
            asks first; where nobody can be asked, --yes is the answer.

            Example: purser team rename search discovery --reason "new department"
            """)

    @Argument(help: "The team.", completion: .teams, transform: Name.checked)
    var team: String

    @Argument(help: "What it is to be called.", transform: Name.checked)
    var name: String

    @Option(help: "Why, for those who look at it later.")
    var reason: String?

    @OptionGroup var confirming: ConfirmingOptions

    func run() async throws {
        try confirming.require(
            """
            \(team) → \(name): tokens, budgets, ladders, alerts and reports are called \(name), also for what was spent \
            before. Calls that name \(team) go on as before and are warned; no other team can be called \(team). Do it?
            """)
        _ = try await PurserClient().send(
            "POST", Route("teams", team, "rename"),
            body: .object { writer in
                writer.field("name", name)
                writer.field("reason", reason)
            })
        StandardError.writeLine("\(team) is called \(name) now.")
    }
}
