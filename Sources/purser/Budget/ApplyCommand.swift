import Accounting
import ArgumentParser
import JSON
import Wording

/// `purser apply`: makes the budgets what a file says.
struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Make budgets what a file says.",
        discussion: """
            Shows first what differs, one line a budget: + is made, ~ is changed, - is removed. What the file does not \
            name of a budget is as a new one has it. Budgets that it does not name stay, unless --prune removes them. \
            Where a hard budget is loosened or removed it asks; where nobody can be asked, --yes is the answer.

            With --dry-run nothing is changed, and exit code 6 says that something differs.

            Examples:
              purser apply -f budgets.yaml --dry-run
              purser apply -f budgets.yaml --yes --reason "budget round 2027"
            """)

    static let differsCode: Int32 = 6

    @Option(name: .shortAndLong, help: "A file as purser budget export writes it; - is standard input.")
    var file: String

    @Flag(help: "Show what differs, and change nothing.")
    var dryRun = false

    @Flag(help: "Remove budgets that the file does not name.")
    var prune = false

    @Option(help: "Only budgets of this team are removed by --prune.", transform: Name.checked)
    var team: String?

    @Option(help: "Why, for the history of each budget.")
    var reason: String?

    @OptionGroup var confirming: ConfirmingOptions

    func validate() throws {
        if team != nil, !prune { throw ValidationError("--team goes with --prune.") }
    }

    func run() async throws {
        let bytes = try InputFile(path: file).readWhole(limit: BudgetFile.maximumBytes)
        let wanted = try BudgetFile(String(decoding: bytes, as: UTF8.self)).entries
        let client = try PurserClient()
        let known = try await client.get(Route("budgets")).objects("budgets")
        let tried = try await tryAll(wanted, client)
        var steps = try zip(wanted, tried).compactMap { entry, after in
            let before = known.first { $0["id"]?.string == entry.id }
            return try ApplyStep(entry, over: before, becoming: after, reason: reason)
        }
        if prune {
            let named = Set(wanted.map(\.id))
            steps += known.filter { budget in
                !named.contains(Cell(budget["id"]).plain)
                    && (team == nil || budget["scope"]?["team"]?.string == team)
            }.map { ApplyStep(removing: $0) }
        }
        for step in steps { try StandardOutput.writeLine(PrintableText.of(step.line)) }
        if steps.isEmpty { return StandardError.writeLine("Every budget is as the file says.") }
        if dryRun { throw ExitCode(Self.differsCode) }
        let loosening = steps.filter(\.loosens).count
        if loosening > 0 {
            let budgets = Phrase.count(loosening, "hard budget")
            try confirming.require("This loosens or removes \(budgets). Do it?")
        }
        for (index, step) in steps.enumerated() {
            do {
                try await step.make(client, reason: reason)
            } catch var failure as CommandFailure {
                failure.lines.append("This is of \(step.id); changed before it: \(Phrase.count(index, "budget")).")
                throw failure
            }
        }
        StandardError.writeLine("\(Phrase.count(steps.count, "budget")) changed.")
    }
}

extension ApplyCommand {
    /// What the server would make of each budget. Throws with all that it refuses, before anything is changed.
    private func tryAll(_ wanted: [BudgetFile.Entry], _ client: PurserClient) async throws -> [Answer] {
        var tried: [Answer] = []
        var refused: CommandFailure?
        for entry in wanted {
            do throws(CommandFailure) {
                let route = try Route("budgets", entry.id).query("dry_run", "true")
                tried.append(try await client.send("PUT", route, body: entry.body(reason: reason)))
            } catch {
                // The fields are those of the file, not options.
                let fields = error.fields.map { "\($0.name.dropFirst()) \($0.detail)." }
                var all = refused ?? error
                all.fields = []
                all.lines = refused?.lines ?? []
                all.lines += (fields + error.lines).map { $0.hasPrefix(entry.id) ? $0 : "\(entry.id): \($0)" }
                refused = all
            }
        }
        if var refused {
            refused.lines.append("Nothing was changed.")
            throw refused
        }
        return tried
    }
}

/// What is to be done to one budget.
private struct ApplyStep {
    let id: String
    /// What is shown of it.
    let line: String
    /// Whether a hard budget allows more by it.
    let loosens: Bool
    private let version: Int64?
    /// Nil where it is removed.
    private let body: RequestBody?

    /// Nil where the budget is as the file says.
    ///
    /// - Parameter after: what the server would make of it.
    init?(_ entry: BudgetFile.Entry, over before: JSONValue?, becoming after: Answer, reason: String?) throws {
        id = entry.id
        body = entry.body(reason: reason)
        version = before?["version"]?.integer
        guard let before else {
            line = "+ \(id): \(BudgetSettings(of: entry.settings).text())"
            loosens = false
            return
        }
        let difference = try BudgetDifference(of: before, becoming: after)
        guard let text = difference.text else { return nil }
        line = "~ \(id): \(text)\(difference.standing.map { "; \($0)" } ?? "")"
        loosens = difference.loosens
    }

    init(removing budget: JSONValue) {
        id = Cell(budget["id"]).plain
        let standing = BudgetOutcome(of: budget).text.map { "; \($0)" } ?? ""
        line = "- \(id): \(BudgetSettings(of: budget).text())\(standing)"
        loosens = budget["enforcement"]?.string == Budget.Enforcement.hard.rawValue
        version = budget["version"]?.integer
        body = nil
    }

    func make(_ client: PurserClient, reason: String?) async throws {
        let route = try Route("budgets", id)
        if let body {
            _ = try await client.change("PUT", route, id, body, ifVersion: nil, seen: version)
        } else {
            _ = try await client.change("DELETE", route.query("reason", reason), id, nil, ifVersion: nil, seen: version)
        }
    }
}
