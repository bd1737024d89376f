import Accounting
import ArgumentParser
import JSON

struct AgreementAdd: AsyncParsableCommand, NamesFields {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add an agreement: a discount, a markup, or the rates of a committed use.",
        discussion: """
            It is for the calls of the team, the provider and the model that it names, all where it names none. One \
            agreement applies to a call: that for its model before that for its provider before one for all, each first \
            for the team itself; of several alike the newest. Terms never change: end it and add another. Added again \
            with another --until, it ends then; with its --from for that, it never applied.

            Examples:
              purser agreement add anthropic-2026 --provider anthropic --discount 12.5% \\
                --from 2026-01-01 --until 2027-01-01 --note "contract 4711"
              purser agreement add lab-overhead --team lab --markup 5% --from 2026-12-01
              purser agreement add opus-commit --model claude-opus-4-5 \\
                --rate input_tokens=4 --rate output_tokens=20 --from 2026-12-01
            """)

    static let fieldNames = ["valid_from": "--from", "valid_until": "--until"]

    @Argument(help: "A name for it.", transform: Name.checked)
    var name: String

    @Option(help: "Only for calls of this team.", completion: .teams, transform: Name.checked)
    var team: String?

    @Option(help: "Only for models of this provider.", transform: Name.notEmpty)
    var provider: String?

    @Option(help: "Only for this model.", completion: .models, transform: Name.notEmpty)
    var model: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How much less than the list price is paid.", valueName: "share"),
        transform: Fraction.argument)
    var discount: Fraction?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How much more than the list price is paid.", valueName: "share"),
        transform: Fraction.argument)
    var markup: Fraction?

    @Option(
        name: .customLong("rate"),
        help: ArgumentHelp(
            """
            USD for a million tokens, or for one of any other meter; may be repeated. Another tier than standard goes \
            before it (batch/output_tokens=10), the prompts it is for behind (input_tokens>200000=8), and \
            last how many a call is charged for at the least (audio_input_seconds=0.00002,least=10).
            """,
            valueName: "meter=usd"),
        transform: MeterRate.argument)
    var rates: [MeterRate] = []

    @Option(help: ArgumentHelp("From when.", valueName: "time"), transform: Timestamp.argument)
    var from: Timestamp

    @Option(help: ArgumentHelp("Until when, exclusive.", valueName: "time"), transform: Timestamp.argument)
    var until: Timestamp?

    @Option(help: "Where it is written down.", transform: Name.notEmpty)
    var note: String?

    func validate() throws {
        guard [discount != nil, markup != nil, !rates.isEmpty].filter(\.self).count == 1 else {
            throw ValidationError("Give one of --discount, --markup and --rate.")
        }
        if !rates.isEmpty, model == nil { throw ValidationError("--rate goes with --model.") }
        if let until, until < from { throw ValidationError("--until is before --from.") }
    }

    var body: RequestBody {
        .object { writer in
            if let team { writer.field("team", team) }
            if let provider { writer.field("provider", provider) }
            if let model { writer.field("model", model) }
            for (name, share) in [("discount", discount), ("markup", markup)] {
                guard let share else { continue }
                writer.name(of: name)
                writer.verbatim(share.description)
            }
            if !rates.isEmpty {
                writer.name("rates")
                writer.array(rates) { $1.write(to: &$0) }
            }
            writer.field("valid_from", from.description)
            if let until { writer.field("valid_until", until.description) }
            if let note { writer.field("note", note) }
        }
    }

    func run() async throws {
        let answer = try await PurserClient().send("PUT", Route("agreements", name), body: body).json()
        // The message is made from the server's answer, so that it shows which model the given name stands for and when
        // the agreement ends.
        let sold = answer["model"]?.string.map { "\($0) of \(Cell(answer["provider"]).plain)" }
        let models = sold ?? answer["provider"]?.string.map { "all models of \($0)" } ?? "all models"
        let calls = answer["team"]?.string.map { "calls of \($0)" } ?? "all calls"
        let end = answer["valid_until"]?.string.map { "until \($0)" } ?? "without end"
        StandardError.writeLine(
            """
            The agreement \(name) holds for \(calls) of \(models), from \(Cell(answer["valid_from"]).plain), \(end). \
            Calls recorded before are rated by it with: purser price rerate
            """)
    }
}
