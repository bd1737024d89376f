import Hummingbird
import Ledger
import Logging

/// Answers every request, by its route or with a problem.
struct ServerResponder<Routes: HTTPResponder>: HTTPResponder where Routes.Context == BasicRequestContext {
    let routes: Routes
    let paths: [PathMethods]
    let metrics: ServerMetrics
    let log: Logger

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        let start = SystemClock.monotonicNanoseconds()
        let trace = RequestTrace(request.headers)
        var response: Response
        do {
            response = try await routes.respond(to: request, context: context)
            // Where the router has no such route, it answers by itself, without a body.
            if context.endpointPath == Self.noEndpoint { response = unrouted(request, trace) }
        } catch {
            response = refused(Problem(error, log: log.of(trace)), request, trace)
        }
        trace.write(to: &response.headers)
        // A client reads no body behind the head of such an answer, and would take it for the next answer.
        if request.method == .head { response = response.createHeadResponse() }
        metrics.series(of: context.endpointPath ?? ServerMetrics.unroutedName)
            .count(response.status.code, nanoseconds: SystemClock.monotonicNanoseconds() - start)
        return response
    }

    /// The endpoint path that the router records for a request without a route.
    private static var noEndpoint: String { "NotFound" }

    private func refused(_ problem: Problem, _ request: Request, _ trace: RequestTrace) -> Response {
        log.noteRefusal(problem.code, problem.detail, path: request.uri.path, trace)
        return problem.response
    }

    /// The answer for a path that does not exist, or does not have this method.
    private func unrouted(_ request: Request, _ trace: RequestTrace) -> Response {
        guard let path = paths.first(where: { $0.matches(request.uri.path) }) else {
            return refused(Problem(.notFound, "There is no \(request.uri.path.prefix(128))."), request, trace)
        }
        let methods = path.methods.joined(separator: ", ")
        var response = refused(Problem(.methodNotAllowed, "This path takes \(methods)."), request, trace)
        response.headers[.allow] = methods
        return response
    }
}
