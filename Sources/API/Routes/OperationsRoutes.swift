import HTTPTypes
import Hummingbird
import JSON
import Ledger

/// Health, metrics and the API's own description: open to all, with nothing private in them.
struct OperationsRoutes: Sendable {
    let office: Office

    func add(to routes: OfficeRoutes) {
        routes.open("healthz") { Response.json { $0.field("status", "ok") } }
        routes.open("readyz") { ready() }
        routes.open("metrics") {
            Response.text(
                "text/plain; version=0.0.4; charset=utf-8", Array(office.metrics.text(office.replica.status).utf8))
        }
        routes.open("openapi.json") { Response.text("application/json", office.openAPI) }
    }

    /// From memory alone: everybody may ask, as often as they like.
    private func ready() -> Response {
        let reason = Self.hindrance(office.replica.status)
        let headers: HTTPFields = reason == nil ? [:] : [.retryAfter: "1"]
        return .json(reason == nil ? .ok : .serviceUnavailable, headers: headers) {
            $0.field("ready", reason == nil)
            $0.field("reason", reason)
            $0.name("warnings")
            $0.array(office.durability.warnings) { $0.string($1) }
        }
    }

    /// What keeps this server from its work; nil if nothing does.
    private static func hindrance(_ status: Replica.Status) -> String? {
        if status.isDraining { return "draining: this server is about to end" }
        if status.isFenced { return "fenced: the ledger was not reached in time" }
        return status.isDatabaseReachable ? nil : "the ledger cannot be reached"
    }
}
