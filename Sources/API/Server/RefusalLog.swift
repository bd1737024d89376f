import HTTPTypes
import Logging

extension Logger {
    /// This log, whose lines name the request.
    func of(_ trace: RequestTrace) -> Logger {
        var log = self
        log[metadataKey: "request_id"] = "\(trace.id)"
        return log
    }

    /// Notes at debug why a request was refused. The body is left out: it may be private, and it may be large.
    func noteRefusal(_ code: Problem.Code, _ detail: String, path: String, _ trace: RequestTrace) {
        guard logLevel <= .debug else { return }
        debug(
            "A request was refused",
            metadata: [
                "request_id": "\(trace.id)", "path": "\(path.prefix(128))", "status": "\(code.status.code)",
                "code": "\(code.rawValue)", "detail": "\(detail)",
            ])
    }
}
