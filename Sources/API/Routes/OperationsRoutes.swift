import HTTPTypes
import Hummingbird
import JSON
import Ledger

/// Health, metrics and the API's own description: open to all, with nothing private in them.
struct OperationsRoutes: Sendable {
    let office: Office

    func add(to router: Router<BasicRequestContext>) {
        router.get("healthz") { _, _ in Response.json { $0.field("status", "ok") } }
        router.get("readyz") { _, _ in ready() }
        router.get("metrics") { _, _ in
            Response.text(
                "text/plain; version=0.0.4; charset=utf-8", Array(office.metrics.text(office.replica.status).utf8))
        }
        router.get("openapi.json") { _, _ in Response.text("application/json", office.openAPI) }
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
