import ArgumentParser
import JSON

struct AlertAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Send alerts to a webhook, and print its signing secret, this once.",
        discussion: """
            Only the secret goes to standard output. With it the receiver checks who sent an alert, as Standard \
            Webhooks says.

            Example:
              SECRET=$(purser alert add search-oncall --team search \\
                --webhook https://hooks.example.com/purser)
            """)

    @Argument(help: "A name for it.", transform: Name.checked)
    var name: String

    @Option(
        help: "The team whose alerts are sent (default: every team's and the company's; finance, admin).",
        completion: .teams,
        transform: Name.checked)
    var team: String?

    @Option(help: ArgumentHelp("Where they are sent, by POST.", valueName: "url"))
    var webhook: String

    func validate() throws {
        guard webhook.hasPrefix("https://") || webhook.hasPrefix("http://") else {
            throw ValidationError("The webhook must be an http or https URL.")
        }
    }

    var body: RequestBody {
        .object { writer in
            if let team { writer.field("team", team) }
            writer.field("webhook", webhook)
        }
    }

    func run() async throws {
        let answer = try await PurserClient().send("PUT", Route("alerts", name), body: body)
        guard let secret = try answer.json()["secret"]?.string else {
            StandardError.writeLine("The alert \(name) is set; its secret is the one you have.")
            return
        }
        try StandardOutput.writeLine(PrintableText.of(secret))
        StandardError.writeLine("The secret of \(name) is shown this once. Try it: purser alert test \(name)")
    }
}
