import ArgumentParser
import JSON
import Wording

struct BudgetWithdraw: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "withdraw", abstract: "Take back a boost, a planned change or a request before its time.",
        discussion: """
            What is over or decided stays as it is.

            Examples:
              purser budget withdraw team/search --boost 3
              purser budget withdraw team/search --change 2
              purser budget withdraw team/search --request 12
            """)

    @Argument(help: "The budget's id.", completion: .budgets, transform: Name.checked)
    var id: String

    @Option(parsing: .unconditional, help: "The boost, as purser budget boosts lists it.", transform: Quantity.argument)
    var boost: Int64?

    @Option(
        parsing: .unconditional, help: "The planned change, as purser budget changes lists it.",
        transform: Quantity.argument)
    var change: Int64?

    @Option(
        parsing: .unconditional, help: "The request, as purser budget requests lists it.", transform: Quantity.argument)
    var request: Int64?

    func validate() throws {
        guard [boost, change, request].count(where: { $0 != nil }) == 1 else {
            throw ValidationError("Name one thing to take back: --boost, --change or --request, with its number.")
        }
    }

    func run() async throws {
        let client = try PurserClient()
        if let boost {
            let before = try await client.get(Route("budgets", id)).json()
            _ = try await client.send("DELETE", Route("budgets", id, "boosts", String(boost)))
            StandardError.writeLine("Boost \(boost) is withdrawn.")
            let after = BudgetOutcome(of: try await client.get(Route("budgets", id)).json())
            if let old = BudgetOutcome(of: before).limit, let new = after.limit, old != new {
                StandardError.writeLine("\(id): limit of the window \(old) → \(new)")
            }
            if let text = after.text { StandardError.writeLine(text) }
        } else if let change {
            _ = try await client.send("DELETE", Route("budgets", id, "changes", String(change)))
            StandardError.writeLine("Change \(change) is withdrawn.")
        } else if let request {
            let known = try await client.get(Route("requests", String(request))).json()
            guard known["budget"]?.string == id else {
                throw CommandFailure(.refused, "Request \(request) is for another budget. See: purser budget requests")
            }
            let route = try Route("requests", String(request), "withdraw")
            _ = try await client.send("POST", route, body: .object { _ in })
            StandardError.writeLine("Request \(request) is withdrawn.")
        }
    }
}
