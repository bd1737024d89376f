import Accounting
import HTTPTypes
import Hummingbird
import JSON
import Ledger
import NIOCore

/// The answer to a request that was refused or failed: RFC 9457 problem details with a code for programs.
///
/// It contains nothing private: no SQL, no host, no stack trace, and no values but those that the caller sent.
package struct Problem: Error, Sendable {
    package enum Code: String, Sendable, CaseIterable {
        case malformedRequest = "malformed_request"
        case malformedJSON = "malformed_json"
        case invalidFields = "invalid_fields"
        case unauthorized
        case forbidden
        case notFound = "not_found"
        case methodNotAllowed = "method_not_allowed"
        case unknownHold = "unknown_hold"
        case unknownTeam = "unknown_team"
        case idempotencyConflict = "idempotency_conflict"
        case holdSettled = "hold_settled"
        case holdEnded = "hold_ended"
        case sumOverflow = "sum_overflow"
        case creditWithdrawn = "credit_withdrawn"
        case creditDrawn = "credit_drawn"
        case requestDecided = "request_decided"
        case teamRenamed = "team_renamed"
        case featureMoved = "feature_moved"
        case disputeDecided = "dispute_decided"
        case doubtfulPrices = "doubtful_prices"
        case monthNotReady = "month_not_ready"
        case monthOpen = "month_open"
        case monthLocked = "month_locked"
        case versionMismatch = "version_mismatch"
        case requestTimeout = "request_timeout"
        case bodyTooLarge = "body_too_large"
        case headTooLarge = "head_too_large"
        case unavailable
        case internalError = "internal_error"

        var status: HTTPResponse.Status {
            switch self {
            case .malformedRequest, .malformedJSON: .badRequest
            case .invalidFields, .unknownTeam, .sumOverflow, .doubtfulPrices: .unprocessableContent
            case .unauthorized: .unauthorized
            case .forbidden: .forbidden
            case .notFound, .unknownHold: .notFound
            case .methodNotAllowed: .methodNotAllowed
            case .idempotencyConflict, .holdSettled, .holdEnded, .creditWithdrawn, .creditDrawn, .requestDecided,
                .teamRenamed, .featureMoved, .disputeDecided, .monthNotReady, .monthOpen, .monthLocked:
                .conflict
            case .versionMismatch: .preconditionFailed
            case .requestTimeout: .requestTimeout
            case .bodyTooLarge: .contentTooLarge
            case .headTooLarge: .requestHeaderFieldsTooLarge
            case .unavailable: .serviceUnavailable
            case .internalError: .internalServerError
            }
        }

        /// The header field that clients get in addition to the body.
        var header: (name: HTTPField.Name, value: String)? {
            switch self {
            case .unavailable: (.retryAfter, "1")
            case .unauthorized: (.wwwAuthenticate, "Bearer")
            default: nil
            }
        }
    }

    let code: Code
    var detail: String
    var errors: [FieldError] = []
    /// In a conflict, the entry that was committed under the same id.
    var entry: Receipt?
    /// What the request named that is not there.
    var missing: MissingName?
    /// Why a month does not close.
    var checks: MonthClose.Finding?

    init(_ code: Code, _ detail: String, errors: [FieldError] = [], entry: Receipt? = nil) {
        self.code = code
        self.detail = detail
        self.errors = errors
        self.entry = entry
    }

    init(_ failure: JSONFailure) {
        switch failure {
        case .malformed(let detail, let offset):
            self.init(.malformedJSON, "The body is not JSON: \(detail), at byte \(offset).")
        case .invalid(let errors): self.init(fields: errors)
        }
    }

    init(fields errors: [FieldError]) {
        let pointer = errors[0].pointer
        self.init(errors, firstName: pointer.isEmpty ? "The body" : pointer)
    }

    /// Of query parameters, whose pointers are their names.
    init(query errors: [FieldError]) {
        self.init(errors, firstName: "The query parameter \(errors[0].pointer.dropFirst())")
    }

    private init(_ errors: [FieldError], firstName: String) {
        let more = errors.count == 1 ? "" : " (and \(errors.count - 1) more)"
        self.init(.invalidFields, "\(firstName) \(errors[0].detail)\(more).", errors: errors)
    }

    static let unavailable = Problem(
        .unavailable, "Purser cannot do this just now; nothing was done. Send it again in a moment.")

    static let unanswered = Problem(
        .unavailable, "Purser cannot say whether this was done. Look, or send it again in a moment.")

    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("type", "about:blank")
            $0.field("title", code.status.reasonPhrase)
            $0.field("status", Int64(code.status.code))
            $0.field("code", code.rawValue)
            $0.field("detail", detail)
            if !errors.isEmpty { writeErrors(to: &$0) }
            if let entry {
                $0.name("entry")
                entry.write(to: &$0, isDuplicate: true, nil)
            }
            if let checks { checks.write(to: &$0) }
        }
    }

    func writeErrors(to writer: inout JSONWriter) {
        writer.name("errors")
        writer.array(errors) { writer, error in
            writer.object {
                $0.field("pointer", error.pointer)
                $0.field("detail", error.detail)
            }
        }
    }

    var response: Response {
        var writer = JSONWriter()
        write(to: &writer)
        var headers: HTTPFields = [.contentType: "application/problem+json"]
        if let (name, value) = code.header { headers[name] = value }
        return Response(status: code.status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: writer.bytes)))
    }
}
