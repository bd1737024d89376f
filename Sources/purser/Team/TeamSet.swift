import Accounting
import ArgumentParser
import JSON

struct TeamSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Say who answers for a team and pays for it, and what becomes of calls that nobody settles.",
        discussion: """
            What is not named stays as it is; an empty text takes away what was said. Of calls that nobody settles, a \
            budget that says more than record is asked first.

            Examples:
              purser team set search --cost-center 4711 --owner "head of search"
              purser team set search --unsettled input
            """)

    /// What a person may say: a setting, or that there is none.
    enum Choice: String, CaseIterable, ExpressibleByArgument {
        case record, input, estimate, none
    }

    @Argument(help: "The team's name.", completion: .teams, transform: Name.checked)
    var name: String

    @Option(help: "A record of the call, the cost of its input or its estimate; none takes the setting away.")
    var unsettled: Choice?

    @Option(help: "Who answers for its spending.")
    var owner: String?

    @Option(help: "What pays for it in the company's books; reports add up by it.")
    var costCenter: String?

    @Option(help: "What people call it, in statements.")
    var displayName: String?

    func validate() throws {
        if unsettled == nil, owner == nil, costCenter == nil, displayName == nil {
            throw ValidationError("Say what to set: --unsettled, --owner, --cost-center or --display-name.")
        }
    }

    func run() async throws {
        let texts = [("owner", owner), ("cost_center", costCenter), ("display_name", displayName)]
        let body = RequestBody.object { writer in
            if let unsettled { writer.field("unsettled", unsettled == .none ? nil : unsettled.rawValue) }
            for case (let field, let text?) in texts { writer.field(named: field, text.isEmpty ? nil : text) }
        }
        let team = try await PurserClient().send("PATCH", Route("teams", name), body: body).json()
        let said = [
            ("unsettled", "unsettled"), ("owner", "owner"), ("cost centre", "cost_center"),
            ("display name", "display_name"),
        ].map { title, field in "\(title) \(team.field(field)?.string ?? "not said")" }
        StandardError.writeLine(PrintableText.of("The team \(name): \(said.joined(separator: ", "))."))
    }
}
