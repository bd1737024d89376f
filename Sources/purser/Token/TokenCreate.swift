import ArgumentParser
import JSON

struct TokenCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a token and print it, this once.",
        discussion: """
            router   asks before calls and settles them
            team     manages its own budgets, ladders and alerts, and reads its reports
            finance  reads everything; imports prices and usage; rates again, makes agreements, credits and alerts
            admin    everything

            Only the token goes to standard output; nobody can read it again later.

            Example:
              PURSER_TOKEN=$(purser token create --role team --team search --name lead)
            """)

    @Option(help: "What the token may do.")
    var role: Role

    @Option(help: "The team it is limited to; required for the role team.", completion: .teams, transform: Name.checked)
    var team: String?

    @Option(help: "What histories call it besides its number, such as finance-bot.", transform: Name.checked)
    var name: String?

    func validate() throws {
        if role == .team, team == nil { throw ValidationError("A token of the role team needs --team.") }
    }

    var body: RequestBody {
        .object { writer in
            writer.field("role", role.rawValue)
            if let team { writer.field("team", team) }
            if let name { writer.field("name", name) }
        }
    }

    func run() async throws {
        // Where the connection is lost after the token was made, the second request gets the same one.
        let key = (0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined(separator: "-")
        let answer = try await PurserClient().post(Route("tokens"), body: body, idempotencyKey: key)
        let token = try answer.string("token")
        try StandardOutput.writeLine(PrintableText.of(token))
        StandardError.writeLine("The token \(try answer.string("id")) is shown this once; keep it safe.")
    }
}
