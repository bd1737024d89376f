import ArgumentParser
import JSON

struct FeatureMoveCommand: AsyncParsableCommand, NamesFields {
    static let configuration = CommandConfiguration(
        commandName: "move", abstract: "Move a feature to another team or name; nothing that it has spent is lost.",
        discussion: """
            It tells what goes with the feature and what stays, and asks; where nobody can be asked, --yes is the answer. \
            Calls that go on naming the old place count at the new one, and are warned.

            Examples:
              purser feature move search/autocomplete discovery --reason "new owner"
              purser feature move search/autocomplete search/suggest --reason "new name"
            """)

    static let fieldNames = ["team": "<to>", "feature": "<to>"]

    @Argument(help: ArgumentHelp("The feature and its team.", valueName: "team/feature"))
    var from: String

    @Argument(help: ArgumentHelp("The team that takes it, and its name there if that is another.", valueName: "to"))
    var to: String

    @Option(help: "Why, for those who look at it later.")
    var reason: String

    @Option(help: "The feature, where the name of its team has a '/' in it.", transform: Name.checked)
    var feature: String?

    @Option(help: "The feature's new name, where the name of the new team has a '/' in it.", transform: Name.checked)
    var toFeature: String?

    @OptionGroup var confirming: ConfirmingOptions

    private static func parts(_ text: String, _ feature: String?) -> (team: String, feature: String?) {
        guard feature == nil, let slash = text.firstIndex(of: "/") else { return (text, feature) }
        return (String(text[..<slash]), String(text[text.index(after: slash)...]))
    }

    private var source: (team: String, feature: String?) { Self.parts(from, feature) }
    private var destination: (team: String, feature: String?) { Self.parts(to, toFeature) }

    func validate() throws {
        for (team, feature) in [source, destination] {
            _ = try Name.checked(team)
            _ = try feature.map(Name.checked)
        }
        guard source.feature != nil else {
            throw ValidationError("Name the feature too: TEAM/FEATURE. purser team rename renames a whole team.")
        }
    }

    private func body(isDryRun: Bool) -> RequestBody {
        .object { writer in
            writer.field("team", destination.team)
            writer.field("feature", destination.feature)
            writer.field("reason", reason)
            writer.field("dry_run", isDryRun)
        }
    }

    func run() async throws {
        let client = try PurserClient()
        let route = try Route("features", source.team, source.feature ?? "", "move")
        let preview = MovePreview(try await client.send("POST", route, body: body(isDryRun: true)).json())
        for line in preview.lines { StandardError.writeLine(line) }
        try confirming.require("Move \(preview.change)?")
        _ = try await client.send("POST", route, body: body(isDryRun: false))
        StandardError.writeLine("\(preview.change): moved.")
    }
}
