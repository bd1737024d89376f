import HTTPTypes
import Hummingbird
import JSON
import Ledger
import Wording

/// Health, metrics and the API's OpenAPI description. These routes are open to all, so they show nothing private.
struct OperationsRoutes: Sendable {
    let server: ServerContext

    func add(to routes: RouteTable) {
        routes.open("healthz") { Response.json { $0.field("status", "ok") } }
        routes.open("readyz") { ready() }
        routes.open("metrics") {
            Response.text(
                "text/plain; version=0.0.4; charset=utf-8", Array(server.metrics.text(server.replica.status).utf8))
        }
        routes.open("openapi.json") { Response.text("application/json", server.openAPI) }
    }

    /// Answers from memory alone, because anybody may ask, as often as they like.
    private func ready() -> Response {
        let status = server.replica.status
        let reason = Self.hindrance(status)
        let headers: HTTPFields = reason == nil ? [:] : [.retryAfter: "1"]
        return .json(reason == nil ? .ok : .serviceUnavailable, headers: headers) {
            $0.field("ready", reason == nil)
            $0.field("reason", reason)
            $0.name("warnings")
            $0.list {
                $0.warnings(server.durability.warnings, code: "durability")
                $0.warnings(Self.warnings(status), code: "degraded")
            }
        }
    }

    /// What the operator should know although calls are answered.
    private static func warnings(_ status: Replica.Status) -> [String] {
        var warnings: [String] = []
        if status.failedLoads > 1 {
            warnings.append("The last changes of the configuration cannot be loaded; the log says why.")
        }
        if status.unreadableBudgets > 0 {
            warnings.append(
                "\(Phrase.count(status.unreadableBudgets, "budget")) cannot be read by this version; calls in their scope are refused."
            )
        }
        return warnings
    }

    /// Why this server is not ready; nil where it is ready.
    private static func hindrance(_ status: Replica.Status) -> String? {
        if status.isDraining { return "draining: this server is about to end" }
        if status.isFenced { return "fenced: the ledger was not reached in time" }
        return status.isDatabaseReachable ? nil : "the ledger cannot be reached"
    }
}

extension JSONWriter {
    fileprivate mutating func warnings(_ messages: [String], code: String) {
        for message in messages {
            object {
                $0.field("code", code)
                $0.field("message", message)
            }
        }
    }
}
