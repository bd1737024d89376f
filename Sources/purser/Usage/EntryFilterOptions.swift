import Accounting
import ArgumentParser

/// Which entries a list has.
struct EntryFilterOptions: ParsableArguments {
    @Option(help: "Only this team.", completion: .teams, transform: Name.checked)
    var team: String?

    @Option(help: "Only this feature.", transform: Name.checked)
    var feature: String?

    @Option(help: "Only this user.", transform: Name.checked)
    var user: String?

    @Option(help: "Only this run.", transform: Name.checked)
    var run: String?

    @Option(
        help: ArgumentHelp("Only calls with this tag; may be given again.", valueName: "key=value"),
        transform: Pair.tag)
    var tag: [Pair] = []

    @Option(help: "Only calls that this model served.", completion: .models, transform: Name.notEmpty)
    var model: String?

    @Option(help: "Only the call of this id.", transform: Name.notEmpty)
    var requestID: String?

    @Option(help: "Only what this import has brought.", transform: Name.checked)
    var batch: String?

    @Option(help: ArgumentHelp("Only calls from this day or moment on.", valueName: "time"), transform: Moment.argument)
    var from: String?

    @Option(help: ArgumentHelp("Only calls before this day or moment.", valueName: "time"), transform: Moment.argument)
    var to: String?

    func applied(to route: Route) -> Route {
        tag.reduce(
            route.query("team", team).query("feature", feature).query("user", user).query("run", run)
                .query("model", model).query("request_id", requestID).query("batch", batch).query("from", from).query(
                    "to", to)
        ) { $0.query(Route.encoded("tag:\($1.key)"), $1.value) }
    }

    /// A day, of which the server knows the time zone, or a moment.
    private enum Moment {
        static func argument(_ text: String) throws -> String {
            if CalendarDay(text: text) == nil { _ = try Timestamp.argument(text) }
            return text
        }
    }
}
