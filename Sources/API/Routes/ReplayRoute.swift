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
    private let running = RunningReplay()

    init(server: ServerContext) { self.server = server }

    private static let lines = "application/x-ndjson"

    func add(to routes: RouteTable) {
        routes.on(.post, "v1/replays", server) { try await replay($0) }
    }

    private func replay(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.read(team: context.principal.team))
        let configuration = server.configuration
        let request = try ReplayRequest(await context.request.json(), in: configuration)
        for (index, budget) in request.budgets.enumerated() {
            let team = budget.scope.team
            try context.principal.require(.read(team: team))
            if let team, !configuration.teams.contains(team) {
                throw Problem.unknownTeam(team, "/budgets/\(index)/scope")
            }
        }
        let replay = ReplayRun(
            request.budgets, in: configuration, over: request.span, team: context.principal.team)
        guard running.begin() else {
            throw Problem(.unavailable, "Another replay runs on this server; send this one again when it has ended.")
        }
        let (progress, teller) = AsyncStream.makeStream(
            of: ReplayRun.Progress.self, bufferingPolicy: .bufferingNewest(1))
        let run = Task { [database = server.database, running] in
            defer {
                running.end()
                teller.finish()
            }
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
        let body = ResponseBody { writer in
            do {
                for await step in progress { try await writer.write(Self.line("progress") { step.write(to: &$0) }) }
            } catch {
                run.cancel()
                throw error
            }
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

/// One replay runs at a time, because each takes a whole core.
private final class RunningReplay: Sendable {
    private let isRunning = Atomic(false)

    func begin() -> Bool { !isRunning.exchange(true, ordering: .acquiring) }
    func end() { isRunning.store(false, ordering: .releasing) }
}

/// Whether the client of a replay has gone away.
private final class ReplayClient: Sendable {
    private let hasLeft = Atomic(false)

    var isGone: Bool { hasLeft.load(ordering: .relaxed) }
    func leave() { hasLeft.store(true, ordering: .relaxed) }
}
