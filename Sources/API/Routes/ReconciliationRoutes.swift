import Accounting
import Finance
import HTTPTypes
import Hummingbird
import JSON
import Ledger

/// `/v1/reconciliations`: providers' invoices and exports, compared with the ledger.
struct ReconciliationRoutes: Sendable {
    let server: ServerContext

    func add(to routes: RouteTable) {
        routes.on(.post, "v1/reconciliations", server, query: ["provider", "month", "format"]) { try await add($0) }
        routes.on(.get, "v1/reconciliations", server, query: ["month"]) { try await list($0) }
        routes.on(.get, "v1/reconciliations/{number}", server) { try await show($0) }
        routes.on(.post, "v1/reconciliations/{number}/lines/{line}/accept", server) { try await accept($0) }
        routes.on(.put, "v1/provider-meters/{provider}/{meter}", server) { try await setMeter($0) }
        routes.on(.get, "v1/months/{month}/waivers", server) { try await waivers($0) }
        routes.on(.post, "v1/months/{month}/waivers", server) { try await waive($0) }
    }

    private func add(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.reconcile)
        let query = context.query
        guard let name = try query("provider") else { throw Problem.query("provider", "is needed") }
        guard let month = try query("month", Self.monthExpectation, { CalendarMonth(text: $0) }) else {
            throw Problem.query("month", "is needed")
        }
        let form = try query("format", "one of \(ProviderForm.names)") { ProviderForm(rawValue: $0) }
        let (provider, known) = try provider(name, form)
        let configuration = server.configuration
        let current = configuration.accountingZone.day(at: server.replica.now().wall).month
        guard month <= current else { throw Problem.query("month", "must be at most \(current), the month that it is") }
        let bytes = try await context.request.bytes(limit: Request.maximumBatchBytes)
        let upload = ReconciliationStore.Upload(
            provider: provider, form: known, month: month, bytes: bytes, author: context.principal.name)
        // Reads the file on a thread that may be busy for a while.
        let id = try await server.database.run {
            try ReconciliationStore.add(upload, configuration.prices, zone: configuration.accountingZone, $0)
        }
        return try await answer(id, status: .created)
    }

    /// Whose file it is. A provider with a form of its own is called as that; any may come as CSV.
    private func provider(_ name: String, _ form: ProviderForm?) throws(Problem) -> (String, ProviderForm) {
        if let own = ProviderForm(rawValue: name), own != .csv {
            let forms = own.ledgerProviders == nil ? [own] : [own, .csv]
            guard forms.contains(form ?? own) else {
                throw Problem.query(
                    "format", "must be \(forms.map(\.rawValue).joined(separator: " or ")), or left out")
            }
            return (name, form ?? own)
        }
        guard name != ProviderForm.csv.rawValue, form ?? .csv == .csv else {
            throw Problem.query(
                "provider", "must be one of \(ProviderForm.names), or with format=csv the provider that bills")
        }
        let provider = ProviderName.canonical(name)
        guard server.configuration.prices.isKnownProvider(provider) else {
            throw Problem.query("provider", "is not known; there are no prices of it")
        }
        return (provider, .csv)
    }

    private func list(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.read(team: nil))
        let month = try context.query("month", Self.monthExpectation) { CalendarMonth(text: $0) }
        let found = try await server.database.read { try ReconciliationStore.list(month: month, $0) }
        return .json(capacity: 64 + found.count * 512) {
            $0.name("reconciliations")
            $0.array(found) { writer, one in writer.object { one.write(to: &$0) } }
        }
    }

    private func show(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.read(team: nil))
        return try await answer(try Self.id(context))
    }

    private func accept(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.reconcile)
        let id = try Self.id(context)
        guard let number = context.parameters.get("line").flatMap({ Int64($0) }) else {
            throw Problem(.notFound, "There is no such line: they are numbered.")
        }
        let reason = try await Self.reason(context)
        let author = context.principal.name
        try await server.database.run {
            try ReconciliationStore.accept(number, of: id, by: author, reason: reason, $0)
        }
        return try await answer(id)
    }

    private func setMeter(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.reconcile)
        let (provider, id) = (try context.name("provider"), try context.name("meter"))
        guard ProviderForm(rawValue: provider) != nil else {
            throw Problem(.notFound, "There is no provider \(provider); there are: \(ProviderForm.names).")
        }
        var fields = JSONFields(try await context.request.json())
        let model = fields.required("model", Field.modelExpectation, Field.model)
        let part: UsagePart? = fields.required("kind", Field.choices(UsagePart.self), Field.choice)
        try fields.finish()
        let (meter, author) = (ProviderMeter(model: model!, part: part!), context.principal.name)
        try await server.database.run { try ProviderMeterStore.set(id, of: provider, to: meter, by: author, $0) }
        return .json {
            $0.field("provider", provider)
            $0.field("meter_id", id.lowercased())
            $0.field("model", meter.model)
            $0.field("kind", meter.part.rawValue)
        }
    }

    private func waivers(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.read(team: nil))
        let month = try Self.month(context)
        let waivers = try await server.database.read { try ReconciliationWaiver.list(of: month, $0) }
        return .json {
            $0.name("waivers")
            $0.array(waivers) { writer, waiver in writer.object { waiver.write(to: &$0) } }
        }
    }

    private func waive(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.reconcile)
        let month = try Self.month(context)
        var fields = JSONFields(try await context.request.json())
        let provider = fields.required("provider", Field.modelExpectation, Field.provider)
        let reason = fields.required("reason", Field.noteExpectation, Field.note)
        try fields.finish()
        let author = context.principal.name
        let waiver = try await server.database.run {
            try ReconciliationWaiver.add(provider!, of: month, by: author, reason: reason!, $0)
        }
        return .json(.created) { waiver.write(to: &$0) }
    }

    // MARK: - Parts of requests

    private static let monthExpectation = "a month, such as 2026-10"

    private static func month(_ context: AuthenticatedContext) throws(Problem) -> CalendarMonth {
        guard let month = context.parameters.get("month").flatMap({ CalendarMonth(text: $0) }) else {
            throw Problem(.notFound, "The month in the path must be \(monthExpectation).")
        }
        return month
    }

    private static func id(_ context: AuthenticatedContext) throws(Problem) -> Int64 {
        try context.number(else: "There is no such reconciliation")
    }

    private static func reason(_ context: AuthenticatedContext) async throws -> String {
        var fields = JSONFields(try await context.request.json())
        let reason = fields.required("reason", Field.noteExpectation, Field.note)
        try fields.finish()
        return reason!
    }

    private func answer(_ id: Int64, status: HTTPResponse.Status = .ok) async throws -> Response {
        let (found, lines) = try await server.database.read { try ReconciliationStore.find(id, $0) }
        return .json(status, capacity: 512 + lines.count * 384) {
            found.write(to: &$0)
            $0.name("lines")
            $0.array(lines) { writer, line in writer.object { line.write(to: &$0) } }
        }
    }
}
