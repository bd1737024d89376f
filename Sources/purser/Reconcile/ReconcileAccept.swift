import Accounting
import ArgumentParser
import Finance
import JSON
import Wording

struct ReconcileAccept: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept", abstract: "Take a difference as it is.",
        discussion: "Example: purser reconcile accept 12 --line 3 --reason \"a trial key, now gone\"")

    @Argument(help: "The comparison's number, as purser reconcile list shows it.", transform: Quantity.argument)
    var number: Int64
    @Option(
        parsing: .unconditional, help: ArgumentHelp("The number of the line.", valueName: "line"),
        transform: Quantity.argument)
    var line: Int64
    @Option(help: "Why; it stays with the line.")
    var reason: String

    func run() async throws {
        let answer = try await PurserClient().send(
            "POST", Route("reconciliations", String(number), "lines", String(line), "accept"),
            body: .object { $0.field("reason", reason) })
        let left = try answer.json()["open_lines"]?.integer ?? 0
        StandardError.writeLine("Line \(line) is accepted; \(Phrase.count(left, "difference")) left.")
    }
}

struct ReconcileWaive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "waive", abstract: "Say that a provider's invoice is not compared with a month, and why.",
        discussion: "Example: purser reconcile waive openai --month 2026-10 --reason \"free trial\"")

    @Argument(help: "The provider, as the ledger calls it.", transform: Name.notEmpty)
    var provider: String
    @Option(help: ArgumentHelp("The month, such as 2026-10.", valueName: "month"), transform: CalendarMonth.argument)
    var month: CalendarMonth
    @Option(help: "Why; it stays with the month.")
    var reason: String

    func run() async throws {
        let body = RequestBody.object {
            $0.field("provider", provider)
            $0.field("reason", reason)
        }
        _ = try await PurserClient().send("POST", Route("months", month.description, "waivers"), body: body)
        StandardError.writeLine("\(provider) is waived in \(month).")
    }
}

struct ReconcileMeter: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "meter", abstract: "Say which model and kind of token a provider's meter means.",
        discussion: """
            Names of Azure's meters have no grammar, so a meter whose name does not say its model is told once, by its id.

            Example:
              purser reconcile meter azure 0a1b2c3d --model gpt-5.4 --kind input_tokens
            """)

    @Argument(help: "How the file is written: \(ProviderForm.names).")
    var form: ProviderForm
    @Argument(help: "The meter's id, as the file has it.", transform: Name.checked)
    var meter: String
    @Option(help: "The model.", completion: .models, transform: Name.notEmpty)
    var model: String
    @Option(help: "The kind of token.")
    var kind: UsagePart

    func run() async throws {
        let body = RequestBody.object {
            $0.field("model", model)
            $0.field("kind", kind.rawValue)
        }
        _ = try await PurserClient().send("PUT", Route("provider-meters", form.rawValue, meter), body: body)
        StandardError.writeLine("\(meter) means \(kind.rawValue) of \(model).")
    }
}

extension UsagePart: ExpressibleByArgument {}
