/// Why a command failed, in words for the person who ran it.
struct CommandFailure: Error, Equatable, CustomStringConvertible {
    enum Kind: Equatable {
        case refused
        case usage
        case notReachable
        /// The reader of standard output has closed it, as `head` does. This is no error.
        case outputClosed

        var exitCode: Int32 {
            switch self {
            case .outputClosed: 0
            case .refused: 1
            case .usage: 2
            case .notReachable: 3
            }
        }
    }

    var kind: Kind
    /// The first line is a sentence; each other line adds one detail.
    var lines: [String]
    /// What the server refused, told before the lines.
    var fields: [RefusedField] = []
    /// The status of the answer that refused it.
    var status: Int?
    /// Set where the server says that the same request may be sent again after this many seconds.
    var retryAfterSeconds: Int?
    /// Whether the server could not be reached, or ended the connection, as happens while it is restarted.
    var isConnectionFailure = false

    /// Whether it may be different in a moment.
    var isPassing: Bool { retryAfterSeconds != nil || isConnectionFailure }

    init(_ kind: Kind, _ lines: String..., retryAfterSeconds: Int? = nil) {
        self.init(kind, lines: lines, retryAfterSeconds: retryAfterSeconds)
    }

    init(_ kind: Kind, lines: [String], retryAfterSeconds: Int? = nil) {
        self.kind = kind
        self.lines = lines
        self.retryAfterSeconds = retryAfterSeconds
    }

    var description: String { (fields.map(\.description) + lines).joined(separator: "\n  ") }
}
