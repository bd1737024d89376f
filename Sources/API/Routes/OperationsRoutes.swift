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

    private func ready() -> Response {
        let status = office.replica.status
        let isReady = status.isDatabaseReachable && !status.isFenced
        let reason: String? =
            isReady
            ? nil : status.isFenced ? "fenced: the ledger was not reached in time" : "the ledger cannot be reached"
        return .json(isReady ? .ok : .serviceUnavailable, headers: isReady ? [:] : [.retryAfter: "1"]) {
            $0.field("ready", isReady)
            $0.field("reason", reason)
        }
    }
}
