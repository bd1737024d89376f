import ArgumentParser
import JSON

/// Which calls a budget counts: the calls that match every given value.
struct ScopeOptions: ParsableArguments {
    @Option(help: "Calls of this team.", completion: .teams, transform: Name.checkedOrWildcard)
    var team: String?

    @Option(help: "Calls for this feature.", transform: Name.checkedOrWildcard)
    var feature: String?

    @Option(help: "Calls for this user.", transform: Name.checkedOrWildcard)
    var user: String?

    @Option(help: "Calls of this run.", transform: Name.checkedOrWildcard)
    var run: String?

    @Option(help: "Calls of this model.", completion: .models, transform: Name.notEmpty)
    var model: String?

    @Option(help: "Calls of this provider.", transform: Name.notEmpty)
    var provider: String?

    @Option(name: .customLong("tag"), help: "Calls with this tag, key=value; may be repeated.", transform: Pair.tag)
    var tags: [Pair] = []

    @Flag(name: .customLong("company"), help: "Calls of every team: the whole company.")
    var isOfAll = false

    private var fields: [(name: String, value: String?)] {
        [
            ("team", team), ("feature", feature), ("user", user), ("run", run), ("model", model),
            ("provider", provider),
        ]
    }

    func validate() throws {
        if isOfAll, team != nil {
            throw ValidationError(
                "--company counts the calls of every team, so leave out --team. A budget that the company owns has "
                    + "--company-owned.")
        }
        if !isOfAll, tags.isEmpty, fields.allSatisfy({ $0.value == nil }) {
            throw ValidationError(
                "Say which calls the budget counts: --team, --feature or another part of a scope, or --company for all."
            )
        }
    }

    func write(to writer: inout JSONWriter) {
        for case (let name, let value?) in fields { writer.field(named: name, value) }
        writer.tags(tags)
    }
}
