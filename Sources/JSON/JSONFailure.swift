/// One field that cannot be accepted: an RFC 6901 pointer to it, and a sentence for the sender.
package struct FieldError: Error, Equatable, Sendable {
    package let pointer: String
    package let detail: String

    package init(pointer: String, detail: String) {
        self.pointer = pointer
        self.detail = detail
    }
}

/// Why a JSON text was not accepted.
package enum JSONFailure: Error, Equatable, Sendable {
    /// Not JSON at all.
    case malformed(detail: String, offset: Int)
    /// JSON, but not what the reader expects; the list is never empty.
    case invalid([FieldError])
}
