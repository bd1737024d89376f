import Foundation
import JSON
import Testing

/// What the command tells a person of a request that the server refused: in the words of the command line, and none of the
/// API's.
@Suite struct CommandWordsTests {
    /// A command line that the server refuses. `TEAM` stands for the test's team, `NOW` for today.
    struct Mistake: CustomTestStringConvertible, Sendable {
        var line: String
        var says: String?
        var token: String?
        var input: String?

        init(_ line: String, says: String? = nil, token: String? = nil, input: String? = nil) {
            (self.line, self.says, self.token, self.input) = (line, says, token, input)
        }

        var testDescription: String { line }
        var words: [String] { line.split(separator: " ").map(String.init) }
    }

    private static let budget = "budget set team/TEAM --team TEAM"

    private static let mistakes = [
        Mistake("team create TEAM", token: "team"), Mistake("team list", token: "team"),
        Mistake("team set TEAM --unsettled input", token: "team"), Mistake("team set nope --unsettled none"),
        Mistake("disputed list --team nope"), Mistake("disputed accept 999999999 --reason r"),
        Mistake("disputed dismiss 999999999 --reason r"), Mistake("unsettled list --team nope"),
        Mistake("status --team nope"), Mistake("status", token: "router"),
        Mistake("token create --role team --team nope"), Mistake("token list", token: "team"),
        Mistake("token revoke 999999999"),
        Mistake("budget set team/TEAM --team TEAM --feature f --limit 5", says: "The scope cannot change"),
        Mistake("\(budget) --limit 5 --period day", says: "--period cannot change"),
        Mistake("\(budget) --limit 5 --time-zone Mars/Base", says: "--time-zone must be"),
        Mistake("\(budget) --limit-calls 5", says: "--limit-calls cannot change"),
        Mistake("\(budget) --limit 5 --if-version 7", says: "team/TEAM is not at version 7; nothing was done."),
        Mistake("budget set new/TEAM --team TEAM --limit 5 --if-version 1", says: "new/TEAM is not at version 1"),
        Mistake("budget set x/TEAM --limit 5 --team nope"), Mistake("budget list --team nope"),
        Mistake("budget change no/TEAM --limit 5"),
        Mistake("budget change team/TEAM --limit-calls 5", says: "--limit-calls cannot change"),
        Mistake("budget change team/TEAM --limit 5 --if-version 7", says: "team/TEAM is not at version 7"),
        Mistake("budget change team/TEAM --plan 2026-12=1000000001 --yes", says: "--plan must be"),
        Mistake("budget raise no/TEAM +5 --until 3d --reason r"),
        Mistake("budget raise team/TEAM +5 --until 2020-01-01 --reason r", says: "--until must be"),
        Mistake("budget raise team/TEAM +0 --until 3d --reason r", says: "<amount> must be"),
        Mistake("budget request no/TEAM +5 --until 3d --reason r"),
        Mistake("budget request team/TEAM +5 --until 2020-01-01 --reason r", says: "--until must be"),
        Mistake("budget requests --team nope"), Mistake("budget approve 999999999"), Mistake("budget deny 999999999"),
        Mistake("budget changes no/TEAM"), Mistake("budget withdraw no/TEAM --boost 1"),
        Mistake("budget withdraw team/TEAM --boost 999999999"), Mistake("budget withdraw team/TEAM --change 999999999"),
        Mistake("budget withdraw team/TEAM --request 999999999"),
        Mistake("budget change team/TEAM --limit 5 --from 2020-01-01", says: "--from must be"),
        Mistake("budget export --team nope"), Mistake("apply -f - --yes", says: "must have budgets", input: "x: 1"),
        Mistake("budget try - --from 2026-10-01 --to 2026-11-01", says: "must have budgets", input: "x: 1"),
        Mistake(
            "budget try - --from 2026-10-01 --to 2026-09-01", says: "--to must be later",
            input: "budgets: {b: {scope: {}, period: month, limit_usd: 5}}"),
        Mistake("budget boosts no/TEAM"), Mistake("budget windows no/TEAM"), Mistake("budget windows team/TEAM"),
        Mistake("budget show no/TEAM"), Mistake("budget history no/TEAM"), Mistake("budget remove no/TEAM"),
        Mistake(
            "ladder set TEAM claude-opus-4-5 no-such-model", says: "<models> is not in the price book: no-such-model"),
        Mistake("ladder set TEAM claude-opus-4-5 claude-opus-4-5", says: "<models> must be"),
        Mistake("ladder list --team nope"), Mistake("ladder remove TEAM/f"),
        Mistake("team rename nope-TEAM other --yes"), Mistake("team rename TEAM bad --yes", token: "router"),
        Mistake("feature move TEAM/f nope --reason r --yes"),
        Mistake("feature move TEAM/f TEAM --reason r --yes", says: "<to> is where the feature is already"),
        Mistake("feature moves --team nope"),
        Mistake("price list", token: "nonsense"), Mistake("price check", token: "nonsense"),
        Mistake("price show no-such-model"),
        Mistake("price import -", says: "prices", input: "no prices: at all"),
        Mistake("price import - --format litellm", says: "The file must be", input: "[]"),
        Mistake("price import - --format litellm", says: "The file is not JSON", input: "{"),
        Mistake("price rerate --from 2199-01-01", says: "--from is after today"),
        Mistake("agreement add a/TEAM --team nope --discount 5% --from 2026-11-01"),
        Mistake("agreement add a/TEAM --discount 150% --from 2026-11-01", says: "--discount must be"),
        Mistake("agreement add a/TEAM --markup 950% --from 2026-11-01", says: "--markup must be"),
        Mistake("agreement add a/TEAM --provider nope --discount 5% --from 2026-11-01", says: "--provider is not"),
        Mistake(
            "agreement add a/TEAM --model no-such-model --discount 5% --from 2026-11-01", says: "--model is not in"),
        Mistake(
            "agreement add a/TEAM --model claude-opus-4-5 --rate nothing=4 --from 2026-11-01",
            says: "--rate is not a known meter: nothing"),
        Mistake(
            "agreement add a/TEAM --model claude-opus-4-5 --rate input_tokens=4,least=5 --from 2026-11-01",
            says: "--rate"),
        Mistake(
            "agreement add a/TEAM --model claude-opus-4-5 --rate input_tokens>9=4 --from 2026-11-01", says: "--rate"),
        Mistake("agreement list --team nope"), Mistake("agreement end no/TEAM"),
        Mistake("credit add c/TEAM --provider nope --amount 5 --from 2026-11-01", says: "--provider has no"),
        Mistake(
            "credit add c/TEAM --provider openai --model nope --amount 5 --from 2026-11-01", says: "--model has no"),
        Mistake("credit add c/TEAM --provider openai --team nope --amount 5 --from 2026-11-01"),
        Mistake("credit list", token: "router"), Mistake("credit withdraw no/TEAM"),
        Mistake("price update - --yes", says: "is neither the price map of litellm", input: "models: []"),
        Mistake("price update - --on 2199-01-01", says: "--on", input: "{}"),
        Mistake("quote claude-opus-4-5 --input 5 --meter cache_read_tokens=9", says: "--"),
        Mistake("quote claude-opus-4-5 --meter nothing=5", says: "--meter"),
        Mistake("explain --team nope --model claude-opus-4-5 --input 5"),
        Mistake("explain --team TEAM --model claude-opus-4-5 --input 99999999999", says: "--input must be"),
        Mistake("explain --team TEAM --model claude-opus-4-5 --input 5 --cached-input 9", says: "--cached-input"),
        Mistake("explain --team TEAM --model claude-opus-4-5 --input 5 --bound nothing=5", says: "--bound"),
        Mistake("usage import - --format ndjson", token: "nonsense", input: "{}"),
        Mistake("usage tail --once", token: "nonsense"),
        Mistake("report nope"), Mistake("report monthly --month 2199-01", says: "--month must be at most"),
        Mistake(
            "report spend --group-by colour",
            says: "up to 2 of team, feature, user, run, tag:KEY, cost_center, provider, model, service_tier"),
        Mistake("report spend --filter colour=red"),
        Mistake("report spend --from 2199-01-01 --to 2199-01-02", says: "--from must be"),
        Mistake("account list", token: "team"), Mistake("account set expense 6300", token: "team"),
        Mistake("account share cost", token: "team"), Mistake("usage tail --once --team nope"),
        Mistake("report focus --month 2199-01", says: "--month must be at most"),
        Mistake(
            "report focus --dataset invoice-detail --focus-version 1.2", says: "--focus-version must be 1.4"),
        Mistake("report monthly --team nope"), Mistake("month list", token: "nonsense"),
        Mistake("month show 1999-01"), Mistake("month close 1999-01"),
        Mistake("month close 2199-01", says: "is not over"),
        Mistake("month reopen 1999-01 --reason r"), Mistake("month lock 1999-01 --yes"),
        Mistake("month export 1999-01"),
        Mistake("usage reverse --source s --id r-1 --reason r", token: "router"),
        Mistake("reconcile file openai - --month 2026-01", says: "The file", input: "nonsense"),
        Mistake("reconcile openai - --month 2199-01", says: "--month must be at most", input: "{}"),
        Mistake(
            "reconcile csv - --provider nobody --month 2026-01", says: "--provider is not known",
            input: "day,amount_usd"),
        Mistake("reconcile list", token: "team"), Mistake("reconcile show 999999999"),
        Mistake("reconcile accept 999999999 --line 1 --reason r"),
        Mistake("reconcile waive openai --month 2026-01 --reason r", token: "team"),
        Mistake("reconcile meter azure m --model gpt-5 --kind other", token: "team"),
        Mistake("alert add a/TEAM --team nope --webhook https://hooks.example.com/x"),
        Mistake("alert add a/TEAM --webhook http://169.254.169.254/", says: "--webhook cannot be used"),
        Mistake("alert list", token: "router"), Mistake("alert test no/TEAM"), Mistake("alert remove no/TEAM"),
    ]

    @Test("has no pointer, no query parameter, no header and no field in it", arguments: mistakes)
    func words(mistake: Mistake) async throws {
        let team = try await Self.team.value
        let client = try await Self.client(mistake.token, of: team)
        let words = mistake.words.map { $0.replacing("TEAM", with: team.name) }
        let run = try await team.purser(words, as: client, input: mistake.input)
        run.expect(1, output: false, errors: true)
        let told = run.errors
        if let says = mistake.says { #expect(told.contains(says.replacing("TEAM", with: team.name)), "\(told)") }
        #expect(!told.contains("query parameter") && !told.contains("If-Match") && !told.contains("body"), "\(told)")
        #expect(told.firstMatch(of: /(?:^|\s)\/[a-z]/) == nil, "\(told)")
        // Meters, and what reports are grouped by, have such names on the command line too.
        let names: Set = ["output_tokens", "cost_center", "service_tier"]
        let fields = told.matches(of: /[a-z][a-z0-9]*(?:_[a-z0-9]+)+/).map { String($0.output) }
        #expect(fields.allSatisfy { names.contains($0) || mistake.line.contains($0) }, "\(told)")
    }

    @Test(
        "asks whether a near name was meant, of those alone that the token may read",
        arguments: [
            ("budget show team/TEAMx", nil, "There is no budget team/TEAMx. Did you mean team/TEAM?"),
            ("budget history team/TEAMx", nil, "There is no budget team/TEAMx. Did you mean team/TEAM?"),
            ("budget remove team/TEAMx", "team", "There is no budget team/TEAMx. Did you mean team/TEAM?"),
            ("budget list --team TEAMx", nil, "There is no team TEAMx. Did you mean TEAM?"),
            ("status --team TEAMx", "finance", "There is no team TEAMx. Did you mean TEAM?"),
            ("token create --role team --team TEAMx", nil, "There is no team TEAMx. Did you mean TEAM?"),
            (
                "explain --team TEAMx --model claude-opus-4-5 --input 5", nil,
                "There is no team TEAMx. Did you mean TEAM?"
            ),
            ("budget list --team TEAMx", "team", "A token of the role team may do this for its own team alone."),
        ] as [(String, String?, String)])
    func guesses(line: String, token: String?, told: String) async throws {
        let team = try await Self.team.value
        let words = line.replacing("TEAM", with: team.name).split(separator: " ").map(String.init)
        let run = try await team.purser(words, as: try await Self.client(token, of: team))
        run.expect(1, output: false)
        #expect(run.errors == "Error: \(told.replacing("TEAM", with: team.name))\n")
    }

    @Test("tells no other team's budget to a team's token")
    func otherTeam() async throws {
        let other = try await Team()
        try await other.setBudget()
        let own = try await Self.team.value.token("team")
        let run = try await other.purser("budget", "show", "\(other.budgetID)x", as: own)
        #expect(run.errors == "Error: There is no budget \(other.budgetID)x.\n")
    }

    @Test("asks which model was meant where one without a price is explained")
    func model() async throws {
        let team = try await Self.team.value
        let run = try await team.purser("explain", "--team", team.name, "--model", "claude-opsu-4-5", "--input", "5")
        run.expect(0, output: true)
        #expect(run.output.contains("no model claude-opsu-4-5 (did you mean claude-opus-4-5"), "\(run.output)")
        let verdict = try await team.authorize("r-opsu", model: "claude-opsu-4-5")
        #expect(!verdict.source.contains("did you mean"))
    }

    @Test("is what explains a verdict too")
    func explanation() async throws {
        let team = try await Self.team.value
        let run = try await team.purser("explain", "--team", team.name, "--model", "claude-opus-4-5", "--input", "5")
        run.expect(0, output: true)
        #expect(run.output.contains("Warning: --max-output was not given: "), "\(run.output)")
    }

    @Test("is held for every command that asks a server")
    func everyCommand() async throws {
        let dump = try await Command.run(["--experimental-dump-help"], as: nil)
        let root = try #require(try JSONDocument(text: dump.output).root["command"])
        let local: Set = ["serve", "migrate", "verify", "focus verify", "price convert", "help"]
        let held = Set(Self.mistakes.map { $0.words.prefix { !$0.hasPrefix("-") }.joined(separator: " ") })
        for command in Self.leaves(of: root) where !local.contains(command) {
            #expect(held.contains { "\($0) ".hasPrefix("\(command) ") }, "\(command) is not in the table")
        }
    }

    private static func leaves(of command: JSONValue, _ place: String = "") -> [String] {
        let subcommands = command["subcommands"].map { Array($0.elements) } ?? []
        return subcommands.flatMap { subcommand -> [String] in
            let name = place + (subcommand["commandName"]?.string ?? "")
            let below = leaves(of: subcommand, name + " ")
            return below.isEmpty ? [name] : below
        }
    }

    /// One team for all: what is refused changes nothing.
    private static let team = Task {
        let team = try await Team()
        try await team.setBudget()
        return team
    }

    private static func client(_ token: String?, of team: Team) async throws -> Client {
        switch token {
        case nil: team.admin
        case "nonsense": team.admin.with(token: "nonsense")
        case let role?: try await team.token(role)
        }
    }
}
