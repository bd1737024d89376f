import Accounting
import HTTPTypes
import Hummingbird
import JSON
import Ledger
import NIOCore

/// `/v1/months`: which months are open, what closed ones came to, and how they close.
struct MonthRoutes: Sendable {
    let server: ServerContext

    func add(to routes: RouteTable) {
        routes.on(.get, "v1/months", server) { try await list($0) }
        routes.on(.get, "v1/months/{month}", server) { try await show($0) }
        routes.on(.get, "v1/months/{month}/export", server) { try await export($0) }
        routes.on(.post, "v1/months/{month}/close", server) { try await close($0) }
        routes.on(.post, "v1/months/{month}/reopen", server) { try await reopen($0) }
        routes.on(.post, "v1/months/{month}/lock", server) { try await lock($0) }
    }

    private func list(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.read(team: context.principal.team))
        // What all teams have spent is not for one of them.
        let seesSums = context.principal.may(.read(team: nil))
        let months = try await server.database.read { try MonthRecord.all($0) }
        return .json {
            $0.field("time_zone", server.configuration.accountingZone.name)
            $0.name("months")
            $0.array(months) { writer, month in writer.object { month.write(to: &$0, withSums: seesSums) } }
        }
    }

    private func show(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.read(team: nil))
        let details = try await details(of: context.month())
        return .json { details.write(to: &$0) }
    }

    /// The bytes whose SHA-256 the statement has.
    private func export(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.closeMonths)
        let month = try context.month()
        let database = server.database
        let begun = try await database.read { try MonthExport(month, $0) }
        let body = ResponseBody { writer in
            var export = begun
            while true {
                let (portion, next) = try await database.read { [export] connection in
                    var next = export
                    return (try next.next(connection), next)
                }
                guard let portion else { break }
                export = next
                try await writer.write(ByteBuffer(bytes: portion))
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "text/csv; charset=utf-8"], body: body)
    }

    private func close(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.closeMonths)
        let month = try context.month()
        var fields = JSONFields(try await context.request.json())
        let isDryRun = fields.optional("dry_run", "true or false", \.bool) ?? false
        let isForced = fields.optional("force", "true or false", \.bool) ?? false
        let reason = fields.optional("reason", Field.noteExpectation, Field.note)
        if isForced, reason == nil { fields.refuse("reason", "is needed with force, and stays in the statement") }
        if !isForced, reason != nil { fields.refuse("reason", "goes with force") }
        try fields.finish()
        let close = MonthClose(
            through: month, by: context.principal.name, force: isForced ? reason : nil, reports: server.reports,
            unallocatedPercent: server.unallocatedPercent)
        if isDryRun {
            let findings = try await close.dryRun(server.database)
            let details = try await details(of: month)
            return .json { details.write(to: &$0, wouldClose: findings) }
        }
        let version = try await close.run(server.database)
        return try await server.answer(change: version) {
            let details = try await details(of: month)
            return .json { details.write(to: &$0) }
        }
    }

    private func reopen(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.administer)
        let month = try context.month()
        var fields = JSONFields(try await context.request.json())
        let reason = fields.required("reason", Field.noteExpectation, Field.note)
        try fields.finish()
        let author = context.principal.name
        let version = try await server.database.run { try MonthStore.reopen(month, by: author, reason: reason!, $0) }
        return try await server.answer(change: version) {
            let details = try await details(of: month)
            return .json { details.write(to: &$0) }
        }
    }

    private func lock(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.administer)
        let month = try context.month()
        try await server.database.run { try MonthStore.lock(through: month, $0) }
        let details = try await details(of: month)
        return .json { details.write(to: &$0) }
    }

    private func details(of month: CalendarMonth) async throws -> MonthDetails {
        guard let details = try await server.database.read({ try MonthDetails.find(month, $0) }) else {
            throw Problem(.notFound, "The ledger has no \(month).")
        }
        return details
    }
}

extension AuthenticatedContext {
    /// The month in the path.
    fileprivate func month() throws(Problem) -> CalendarMonth {
        guard let month = parameters.get("month").flatMap({ CalendarMonth(text: $0) }) else {
            throw Problem(.notFound, "The month in the path must be a month, such as 2026-10.")
        }
        return month
    }
}
