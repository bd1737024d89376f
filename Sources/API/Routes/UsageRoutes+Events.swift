import HTTPTypes
import Hummingbird
import JSON

extension UsageRoutes {
    /// The events of a body: a list under `events`, or one event a line. Reading stops once there are more than
    /// `maximumEvents`.
    static func events(_ request: Request) async throws -> [Result<JSONValue, Problem>] {
        let bytes = try await request.bytes(limit: Request.maximumBatchBytes)
        let events: [Result<JSONValue, Problem>]
        if request.headers[.contentType]?.hasPrefix("application/x-ndjson") == true {
            let lines = bytes.split(
                maxSplits: maximumEvents + 1, whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") })
            guard lines.count <= maximumEvents else { throw tooMany }
            events = lines.map { line in
                do throws(JSONFailure) {
                    return .success(try JSONDocument(Array(line)).root)
                } catch {
                    return .failure(Problem(error))
                }
            }
        } else {
            var fields = JSONFields(try JSONDocument(bytes).root)
            let list = fields.required("events", "a list of events") { value in
                value.kind == .array ? Array(value.elements.prefix(maximumEvents + 1)) : nil
            }
            try fields.finish()
            events = (list ?? []).map(Result.success)
            guard events.count <= maximumEvents else { throw tooMany }
        }
        return events
    }

    private static let tooMany = Problem(
        fields: [FieldError(pointer: "/events", detail: "must be at most \(maximumEvents) events")])
}
