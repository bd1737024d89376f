import Accounting
import Finance
import HTTPTypes
import Hummingbird
import JSON
import Ledger
import NIOCore
import Synchronization

/// `POST /v1/replays`: what other budgets would have said of the calls that were judged.
struct ReplayRoute: Sendable {
    let server: ServerContext
    let running: RunningReplay

    private static let lines = "application/x-ndjson"

    func add(to routes: RouteTable) {
        routes.on(.post, "v1/replays", server, reads: true) { try await replay($0) }
    }

    private func replay(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.read(team: context.principal.team))
        let configuration = server.configuration
        let request = try ReplayRequest(await context.request.json(), in: configuration)
        for (index, budget) in request.budgets.enumerated() {
            let team = budget.scope.team
            guard context.principal.may(.read(team: team)) else {
                throw Problem(
                    .forbidden,
                    "\(budget.id) counts calls that a token of the role \(context.principal.role.rawValue) may not see; leave it out."
                )
            }
            if let team, !configuration.teams.contains(team) {
                throw Problem.unknownTeam(team, "/budgets/\(index)/scope")
            }
        }
        let replay = ReplayRun(
            request.budgets, in: configuration, over: request.span, team: context.principal.team,
            callLimits: server.replica.callLimits)
        let (progress, teller) = AsyncStream.makeStream(
            of: ReplayRun.Progress.self, bufferingPolicy: .bufferingNewest(1))
        let begun = running.begin { [database = server.database] in
            defer { teller.finish() }
            // A replay computes between its statements, so it looks itself whether its client is there.
            let client = ReplayClient()
            return try await withTaskCancellationHandler {
                try await database.read { connection in
                    try replay.run(connection) { step in
                        if client.isGone { throw CancellationError() }
                        teller.yield(step)
                    }
                }
            } onCancel: {
                client.leave()
            }
        }
        guard let run = begun else {
            throw Problem(.unavailable, "Another replay runs on this server; send this one again when it has ended.")
        }
        let span = request.span
        guard context.request.headers[.accept]?.contains(Self.lines) == true else {
            let outcome = try await withTaskCancellationHandler {
                try await run.value
            } onCancel: {
                run.cancel()
            }
            return .json(capacity: 4_096) { outcome.write(to: &$0, span, in: configuration) }
        }
        let log = server.log
        // The lines are read to their end unless the client goes away, before them or between them.
        teller.onTermination = { if case .cancelled = $0 { run.cancel() } }
        let body = ResponseBody { writer in
            for await step in progress { try await writer.write(Self.line("progress") { step.write(to: &$0) }) }
            switch await run.result {
            case .success(let outcome):
                try await writer.write(
                    Self.line("result") { $0.object { outcome.write(to: &$0, span, in: configuration) } })
            case .failure(let error):
                try await writer.write(Self.line("problem") { Problem(error, log: log).write(to: &$0) })
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: Self.lines], body: body)
    }

    private static func line(_ name: StaticString, _ body: (inout JSONWriter) -> Void) -> ByteBuffer {
        var writer = JSONWriter(capacity: 4_096)
        writer.object {
            $0.name(name)
            body(&$0)
        }
        return ByteBuffer(bytes: writer.bytes + [UInt8(ascii: "\n")])
    }
}

/// Whether the client of a replay has gone away.
private final class ReplayClient: Sendable {
    private let hasLeft = Atomic(false)

    var isGone: Bool { hasLeft.load(ordering: .relaxed) }
    func leave() { hasLeft.store(true, ordering: .relaxed) }
}
