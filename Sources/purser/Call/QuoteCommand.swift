import Accounting
import ArgumentParser
import JSON
import Wording

struct QuoteCommand: AsyncParsableCommand, NamesFields {
    static let configuration = CommandConfiguration(
        commandName: "quote", abstract: "Say what a call would cost.",
        discussion: """
            --input is the whole prompt and --output the whole output; parts of them and other meters go into --meter.

            Examples:
              purser quote claude-opus-4-5 --input 1200 --output 400
              purser quote claude-opus-4-5 --input 90000 --output 400 \\
                --meter cache_read_tokens=80000
              purser quote azure/gpt-4o --input 1200 --output 400 \\
                --service-tier batch --at 2026-10-01
            """)

    static let fieldNames = ["usage": "--meter"]

    @Argument(help: "The model as a call would name it.", completion: .models, transform: Name.notEmpty)
    var model: String

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Tokens of the whole prompt.", valueName: "tokens"),
        transform: Quantity.argument)
    var input: Int64 = 0

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Tokens of the whole output.", valueName: "tokens"),
        transform: Quantity.argument)
    var output: Int64 = 0

    @Option(
        name: .customLong("meter"), help: ArgumentHelp("Another meter; may be repeated.", valueName: "meter=quantity"),
        transform: MeterQuantity.argument)
    var meters: [MeterQuantity] = []

    @Option(help: "The provider, where the model's name alone is ambiguous.", transform: Name.notEmpty)
    var provider: String?

    @Option(
        help: "What this team would pay, where something else than list prices was agreed.", completion: .teams,
        transform: Name.checked)
    var team: String?

    @Option(help: "The class of service.")
    var serviceTier: ServiceTier?

    @Option(help: "Where it is processed, where the provider asks more for that.", transform: Name.checked)
    var region: String?

    @Option(help: ArgumentHelp("Rate it as of then, not now.", valueName: "time"), transform: Timestamp.argument)
    var at: Timestamp?

    @Option(help: "How the answer is shown; --output is taken by the tokens.")
    var format: OutputFormat = .table

    var body: RequestBody {
        .object { writer in
            writer.field("model", model)
            if let provider { writer.field("provider", provider) }
            if let team { writer.field("team", team) }
            if let serviceTier { writer.field("service_tier", serviceTier.rawValue) }
            if let region { writer.field("region", region) }
            writer.name("usage")
            writer.object { writer in
                writer.field("input_tokens", input)
                writer.field("output_tokens", output)
                for meter in meters { writer.field(named: meter.meter, meter.quantity) }
            }
            if let at { writer.field("at", at.description) }
        }
    }

    func validate() throws {
        guard input > 0 || output > 0 || !meters.isEmpty else {
            throw ValidationError("Say what the call uses: --input, --output or --meter.")
        }
    }

    func run() async throws {
        let answer = try await PurserClient().send("POST", Route("quote"), body: body)
        var listing = ListingOptions()
        (listing.output, listing.exact) = (format, true)
        let isUnpriced = try answer.json()["unpriced"]?.bool == true
        try listing.write(answer, listing: Self.listing(answer, isUnpriced: isUnpriced))
        if let agreement = try answer.json()["agreement"]?.string {
            let list = Cell(try answer.json()["list_cost_usd"]).plain
            StandardError.writeLine(
                "The total is under the agreement \(agreement)\(list.isEmpty ? "" : "; the list cost is \(Phrase.dollars(list))")."
            )
        }
        if format == .table, let rule = try answer.json()["rule"]?.string {
            let seller = try answer.string("provider")
            StandardError.writeLine(PrintableText.of("Priced as \(try answer.string("model")) of \(seller): \(rule)."))
        }
        try answer.tellWarnings()
        if isUnpriced {
            throw CommandFailure(.refused, "\(model) has no price for all of this usage, so its cost is not known.")
        }
    }

    /// What an agreement takes off or adds to lines at list prices, so that they add up to the total. None if nothing is
    /// agreed or known, or if the lines are at agreed rates themselves.
    private static func agreementLine(_ answer: Answer) throws -> [JSONValue] {
        let quote = try answer.json()
        guard let agreement = quote["agreement"]?.string,
            let list = quote["list_cost_usd"]?.string.flatMap({ Money(usd: $0) }),
            let cost = quote["cost_usd"]?.string.flatMap({ Money(usd: $0) }), list != cost,
            try abs(sum(of: answer) - Int128(list.nanodollars)) <= abs(sum(of: answer) - Int128(cost.nanodollars))
        else { return [] }
        var writer = JSONWriter()
        writer.object {
            $0.field("meter", "agreement \(agreement)")
            $0.field("amount_usd", (cost - list).usd)
        }
        return [try JSONDocument(writer.bytes).root]
    }

    /// What the lines come to, in nanodollars, rounded down: enough to tell list prices from agreed ones.
    private static func sum(of answer: Answer) throws -> Int128 {
        try answer.objects("lines").reduce(0) { sum, line in
            let parts = (line["amount_usd"]?.string ?? "0").split(separator: ".", omittingEmptySubsequences: false)
            let fraction = parts.count > 1 ? parts[1].prefix(Money.places) : ""
            let zeros = String(repeating: "0", count: Money.places - fraction.count)
            return sum + (Int128(parts[0] + fraction + zeros) ?? 0)
        }
    }

    static func listing(_ answer: Answer, isUnpriced: Bool) throws -> Listing {
        let lines = try answer.objects("lines") + agreementLine(answer)
        // Few calls are billed for more than they used.
        let billed: [Column] =
            lines.contains { $0["billed_quantity"] != nil } ? [.count("billed_quantity", title: "BILLED")] : []
        var listing = Listing(
            lines,
            columns: [.text("meter"), .count("quantity")] + billed + [
                .price("unit_price_usd", title: "USD PER UNIT"), .price("amount_usd", title: "USD"),
                .text("price_id", isWide: true),
            ])
        let cost = Cell(try answer.json()["cost_usd"], text: Cell.price)
        listing.totals =
            [.text("total"), .text("")] + billed.map { _ in .text("") }
            + [.text(""), isUnpriced ? .text("unpriced") : cost, .text("")]
        return listing
    }
}
