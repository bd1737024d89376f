import Accounting
import Hummingbird
import JSON
import Ledger

/// `/v1/accounts`: what the company's books call what is booked, and how shared costs are shared out.
struct AccountRoutes: Sendable {
    let server: ServerContext

    func add(to routes: RouteTable) {
        routes.on(.get, "v1/accounts", server) { try await list($0) }
        routes.on(.patch, "v1/accounts", server) { try await share($0) }
        routes.on(.put, "v1/accounts/{account}", server) { try await set($0) }
    }

    private func list(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.read(team: nil))
        return try await answer()
    }

    private func share(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.changeCredits)
        var fields = JSONFields(try await context.request.json())
        let key: AccountCodes.SharedCostKey? = fields.required(
            "shared_cost_key", Field.choices(AccountCodes.SharedCostKey.self), Field.choice)
        try fields.finish()
        try await server.database.run { try AccountCodes.share(by: key!, $0) }
        return try await answer()
    }

    private func set(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.changeCredits)
        guard let account = AccountCodes.Account(rawValue: context.parameters.get("account") ?? "") else {
            let names = AccountCodes.Account.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem(.notFound, "There is no account of that name. There are: \(names).")
        }
        var fields = JSONFields(try await context.request.json())
        let name = fields.optional("name", Field.nameExpectation, Field.name)
        let code = fields.optional("code", Field.nameExpectation, Field.name)
        try fields.finish()
        let author = context.principal.name
        try await server.database.run { try AccountCodes.set(account, of: name, to: code, by: author, $0) }
        return try await answer()
    }

    private func answer() async throws -> Response {
        let accounts = try await server.database.read { try AccountCodes.read($0) }
        return .json {
            $0.field("shared_cost_key", accounts.sharedCostKey)
            $0.name("accounts")
            $0.array(accounts.codes) { writer, code in
                writer.object {
                    $0.field("account", code.account)
                    $0.field("name", code.name)
                    $0.field("code", code.code)
                    $0.field("changed_at", code.changedAt.description)
                    $0.field("changed_by", code.changedBy)
                }
            }
        }
    }
}
