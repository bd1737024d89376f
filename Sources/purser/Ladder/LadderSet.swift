import ArgumentParser
import JSON

struct LadderSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Set the models a team or feature may use, best first.",
        discussion: """
            Examples:
              purser ladder set search claude-opus-4-5 claude-sonnet-4-5 claude-haiku-4-5
              purser ladder set search/autocomplete claude-sonnet-4-5 \\
                claude-haiku-4-5 --floor claude-haiku-4-5
            """)

    @OptionGroup var ladder: LadderTarget

    @Argument(help: "The models, best first.", completion: .models, transform: Name.notEmpty)
    var models: [String]

    @Option(help: "The lowest model a call may be sent to; the last one unless given.", transform: Name.notEmpty)
    var floor: String?

    func validate() throws {
        if let floor, !models.contains(floor) { throw ValidationError("The floor \(floor) is not among the models.") }
    }

    var body: RequestBody {
        .object { writer in
            writer.name("models")
            writer.array(models) { $0.string($1) }
            if let floor { writer.field("floor", floor) }
        }
    }

    func run() async throws {
        _ = try await PurserClient().send("PUT", ladder.route(), body: body)
        StandardError.writeLine("The ladder of \(ladder.target) is set.")
    }
}
