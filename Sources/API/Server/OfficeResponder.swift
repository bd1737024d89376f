import Hummingbird
import Ledger
import Logging

/// Answers every request: by its route, or by a problem.
struct OfficeResponder<Routes: HTTPResponder>: HTTPResponder where Routes.Context == BasicRequestContext {
    let routes: Routes
    let paths: [PathMethods]
    let metrics: OfficeMetrics
    let log: Logger

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        let start = SystemClock.monotonicNanoseconds()
        var response: Response
        do {
            response = try await routes.respond(to: request, context: context)
            // The router answers by itself, without a body, where it has no such route.
            if context.endpointPath == Self.noEndpoint { response = unrouted(request) }
        } catch {
            response = Problem(error, log: log).response
        }
        metrics.series(of: context.endpointPath ?? "none")
            .count(response.status.code, nanoseconds: SystemClock.monotonicNanoseconds() - start)
        return response
    }

    /// What the router notes as the path of a request that it has no route for.
    private static var noEndpoint: String { "NotFound" }

    /// A path there is not, or not with this method.
    private func unrouted(_ request: Request) -> Response {
        guard let path = paths.first(where: { $0.matches(request.uri.path) }) else {
            return Problem(.notFound, "There is no \(request.uri.path.prefix(128)).").response
        }
        let methods = path.methods.joined(separator: ", ")
        var response = Problem(.methodNotAllowed, "This path takes \(methods).").response
        response.headers[.allow] = methods
        return response
    }
}
