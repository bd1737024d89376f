import Accounting
import ArgumentParser
import JSON

struct CreditAdd: AsyncParsableCommand, NamesFields {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add money that a provider was paid, or granted, in advance.",
        discussion: """
            It pays the calls of its time, model and team before anything is invoiced, the credit that ends first \
            before the others. Budgets count what calls cost, credits or not. It cannot be changed later, only withdrawn.

            Examples:
              purser credit add anthropic-2026 --provider anthropic --amount 10000 \\
                --from 2026-11-01 --until 2027-11-01 --note 'order 4711'
              purser credit add search-grant --provider openai --model gpt-4o \\
                --team search --amount 500 --from 2026-11-01
            """)

    static let fieldNames = ["valid_from": "--from", "valid_until": "--until"]

    @Argument(help: "A name for it.", transform: Name.checked)
    var name: String

    @Option(help: "The provider that has the money.", transform: Name.notEmpty)
    var provider: String

    @Option(help: "Only for calls of this model.", completion: .models, transform: Name.notEmpty)
    var model: String?

    @Option(help: "Only for calls of this team.", completion: .teams, transform: Name.checked)
    var team: String?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("The money in USD.", valueName: "usd"), transform: Money.argument)
    var amount: Money

    @Option(
        help: ArgumentHelp("The first day it pays, in the accounting time zone.", valueName: "date"),
        transform: CalendarDay.argument)
    var from: CalendarDay

    @Option(
        help: ArgumentHelp("The first day it no longer pays; it has no end unless given.", valueName: "date"),
        transform: CalendarDay.argument)
    var until: CalendarDay?

    @Option(help: ArgumentHelp("Where it comes from, such as an order's number.", valueName: "text"))
    var note: String?

    @OptionGroup var listing: ListingOptions

    func validate() throws {
        if amount == .zero { throw ValidationError("--amount must be more than 0.") }
        if let until, until <= from { throw ValidationError("--until must be after --from.") }
    }

    var body: RequestBody {
        .object { writer in
            writer.field("provider", provider)
            if let model { writer.field("model", model) }
            if let team { writer.field("team", team) }
            writer.field("amount_usd", amount.usd)
            writer.field("valid_from", from.description)
            if let until { writer.field("valid_until", until.description) }
            if let note { writer.field("note", note) }
        }
    }

    func run() async throws {
        let answer = try await PurserClient().send("PUT", Route("credits", name), body: body)
        try listing.writeRecord(answer, columns: Column.credit)
    }
}
