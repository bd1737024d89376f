import ArgumentParser
import JSON

struct AccountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account",
        abstract: "Say which accounts the journal books on, and how shared costs are shared out.",
        subcommands: [AccountList.self, AccountSet.self, AccountShare.self])

    enum Account: String, CaseIterable, ExpressibleByArgument { case expense, adjustment, accrual, prepaid }

    static let columns: [Column] = [
        .text("account"), .text("name"), .text("code"), .time("changed_at", title: "CHANGED"),
        .text("changed_by", title: "BY"),
    ]
}

struct AccountList: ListCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the codes of the accounts that the report journal books on.")
    static let field: StaticString = "accounts"
    static let columns = AccountCommand.columns

    @OptionGroup var listing: ListingOptions

    var title: TableTitle { TableTitle("Codes of accounts") }

    var route: Route { get throws { try Route("accounts") } }
}

struct AccountSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Say the code of an account in the company's books.",
        discussion: """
            expense and adjustment are debited, of cost centres; accrual and prepaid are credited, of providers. Without \
            --of it is the code of all that have none of their own. An empty code takes it away.

            Examples:
              purser account set expense 6300
              purser account set expense 6310 --of 4711
            """)

    @Argument(help: "What is booked.")
    var account: AccountCommand.Account

    @Argument(help: "Its code in the company's books.")
    var code: String

    @Option(help: ArgumentHelp("Of this cost centre or provider alone.", valueName: "name"), transform: Name.checked)
    var of: String?

    @OptionGroup var listing: ListingOptions

    func run() async throws {
        let body = RequestBody.object { writer in
            writer.field("name", of)
            writer.field("code", code.isEmpty ? nil : code)
        }
        let answer = try await PurserClient().send("PUT", Route("accounts", account.rawValue), body: body)
        try listing.write(answer, "accounts", columns: AccountCommand.columns, title: TableTitle("Codes of accounts"))
    }
}

struct AccountShare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "share", abstract: "Say by what statements share out the costs of teams without a cost centre.",
        discussion: """
            By what the other teams cost, by their calls or tokens, in equal parts, or not at all.

            Examples:
              purser account share cost
            """)

    enum Key: String, CaseIterable, ExpressibleByArgument { case none, cost, calls, tokens, equal }

    @Argument(help: "The key.")
    var key: Key

    func run() async throws {
        let body = RequestBody.object { $0.field("shared_cost_key", key.rawValue) }
        _ = try await PurserClient().send("PATCH", Route("accounts"), body: body)
        StandardError.writeLine(
            key == .none ? "Statements share out no costs." : "Statements share costs out by \(key.rawValue).")
    }
}
