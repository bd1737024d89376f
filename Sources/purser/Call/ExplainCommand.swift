import Accounting
import ArgumentParser
import JSON

struct ExplainCommand: AsyncParsableCommand, NamesFields {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Ask what a call would be answered, and why; nothing is held.",
        discussion: """
            A verdict is an answer, also a deny: the exit code is 0 whenever there is one.

            Example:
              purser explain --team search --feature autocomplete \\
                --model claude-opus-4-5 --input 1200 --max-output 400
            """)

    static let fieldNames = ["models": "--servable"]

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case words, json
    }

    @OptionGroup var call: CallOptions

    @Option(help: "The model that is asked for.", completion: .models, transform: Name.notEmpty)
    var model: String

    @Option(help: "The provider, where the model's name alone is ambiguous.", transform: Name.notEmpty)
    var provider: String?

    @Option(help: "The class of service.")
    var serviceTier: ServiceTier?

    @Option(help: "Where it is processed, where the provider asks more for that.", transform: Name.checked)
    var region: String?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Tokens of the whole prompt.", valueName: "tokens"),
        transform: Quantity.argument)
    var input: Int64

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Tokens of the prompt that are known to be cached.", valueName: "tokens"),
        transform: Quantity.argument)
    var cachedInput: Int64?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The most tokens it may put out; the model's own maximum unless given.", valueName: "tokens"),
        transform: Quantity.argument)
    var maxOutput: Int64?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The least tokens of output that are of use, where the money does not suffice for all.", valueName: "tokens"
        ),
        transform: Quantity.argument)
    var minOutput: Int64?

    @Option(
        name: .customLong("bound"),
        help: ArgumentHelp("The most of another meter; may be repeated.", valueName: "meter=quantity"),
        transform: MeterQuantity.argument)
    var bounds: [MeterQuantity] = []

    @Option(
        name: .customLong("servable"), help: "A model the router could send it to; may be repeated. Any unless given.",
        completion: .models,
        transform: Name.notEmpty)
    var models: [String] = []

    @Option(help: "words for people, or json as the server sent it.")
    var output: Format = .words

    func body(requestID: String) -> RequestBody {
        .object { writer in
            writer.field("request_id", requestID)
            call.write(to: &writer)
            writer.field("model", model)
            if let provider { writer.field("provider", provider) }
            if let serviceTier { writer.field("service_tier", serviceTier.rawValue) }
            if let region { writer.field("region", region) }
            writer.field("input_tokens", input)
            if let cachedInput { writer.field("cached_input_tokens", cachedInput) }
            if let maxOutput { writer.field("max_output_tokens", maxOutput) }
            if let minOutput { writer.field("min_output_tokens", minOutput) }
            if !bounds.isEmpty {
                writer.name("bounds")
                writer.object { writer in
                    for bound in bounds { writer.field(named: bound.meter, bound.quantity) }
                }
            }
            if !models.isEmpty {
                writer.name("models")
                writer.array(models) { $0.string($1) }
            }
            writer.field("dry_run", true)
        }
    }

    func run() async throws {
        let requestID = "explain-" + String(UInt64.random(in: .min ... .max), radix: 36)
        let answer = try await PurserClient().send("POST", Route("authorize"), body: body(requestID: requestID))
        switch output {
        case .json: try StandardOutput.writeText(answer.bytes)
        case .words:
            let names = CommandOptions(of: [Self._commandName]).map { FieldNames(of: Self.self, $0) }
            let explanation = Explanation(verdict: try answer.json(), requestedModel: model, names: names)
            try StandardOutput.write(explanation.text)
        }
    }
}
