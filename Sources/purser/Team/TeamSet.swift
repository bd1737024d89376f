import Accounting
import ArgumentParser
import JSON

struct TeamSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Say what becomes of a team's calls that nobody settles.",
        discussion: """
            A budget that says more than record is asked first. Example: purser team set search --unsettled input
            """)

    /// What a person may say: a setting, or that there is none.
    enum Choice: String, CaseIterable, ExpressibleByArgument {
        case record, input, estimate, none
    }

    @Argument(help: "The team's name.", completion: .teams, transform: Name.checked)
    var name: String

    @Option(help: "A record of the call, the cost of its input or its estimate; none takes the setting away.")
    var unsettled: Choice

    func run() async throws {
        let body = RequestBody.object { $0.field("unsettled", unsettled == .none ? nil : unsettled.rawValue) }
        let answer = try await PurserClient().send("PATCH", Route("teams", name), body: body)
        let setting = try answer.json()["unsettled"]?.string
        StandardError.writeLine(
            "The team \(name) \(setting.map { "has unsettled \($0)" } ?? "says nothing of unsettled calls").")
    }
}
