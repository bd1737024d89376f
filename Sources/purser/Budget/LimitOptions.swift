import Accounting
import ArgumentParser
import JSON

/// The limit of one window of a budget, in one unit.
struct LimitOptions: ParsableArguments {
    @Option(
        name: .customLong("limit"), parsing: .unconditional, help: ArgumentHelp("Money in USD.", valueName: "usd"),
        transform: Money.argument)
    var money: Money?

    @Option(
        name: .customLong("limit-tokens"), parsing: .unconditional,
        help: ArgumentHelp("Tokens, prompt and output together.", valueName: "tokens"),
        transform: Quantity.argument)
    var tokens: Int64?

    @Option(
        name: .customLong("limit-calls"), parsing: .unconditional, help: ArgumentHelp("Calls.", valueName: "calls"),
        transform: Quantity.argument)
    var calls: Int64?

    static let oneOfThem = "Give one of --limit, --limit-tokens and --limit-calls."

    /// What the limit counts; nil where none is given.
    var unit: Budget.Unit? { money != nil ? .usd : tokens != nil ? .tokens : calls != nil ? .calls : nil }

    func validate() throws {
        let count = (money == nil ? 0 : 1) + (tokens == nil ? 0 : 1) + (calls == nil ? 0 : 1)
        guard count <= 1 else { throw ValidationError(Self.oneOfThem) }
    }

    func write(to writer: inout JSONWriter) {
        if let money { writer.field("limit_usd", money.usd) }
        if let tokens { writer.field("limit_tokens", tokens) }
        if let calls { writer.field("limit_calls", calls) }
    }
}
