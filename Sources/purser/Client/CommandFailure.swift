/// Why a command did not do what it was asked to, in words for the person who asked.
struct CommandFailure: Error, Equatable, CustomStringConvertible {
    enum Kind: Equatable {
        case refused
        case usage
        case notReachable
        /// Whoever read standard output has had enough, as `head` does; nothing to complain about.
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
    /// The first is a sentence, each other names one detail of it.
    var lines: [String]
    /// Set where the same request may be sent again after so long.
    var retryAfterSeconds: Int?

    init(_ kind: Kind, _ lines: String..., retryAfterSeconds: Int? = nil) {
        self.init(kind, lines: lines, retryAfterSeconds: retryAfterSeconds)
    }

    init(_ kind: Kind, lines: [String], retryAfterSeconds: Int? = nil) {
        self.kind = kind
        self.lines = lines
        self.retryAfterSeconds = retryAfterSeconds
    }

    var description: String { lines.joined(separator: "\n  ") }
}
