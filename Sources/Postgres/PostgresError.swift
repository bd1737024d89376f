/// Why a database operation failed.
///
/// `description` is safe for logs and answers: it has no values, no SQL, no host and no user in it. `debugDescription`
/// has everything but passwords, for the person who runs the database.
package struct PostgresError: Error, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The connection was lost or could not be made. A statement sent outside a transaction may have been executed.
        case connection
        /// There was no free connection in time; nothing was sent.
        case busy
        /// The server refused the statement.
        case server(sqlState: String)
        /// A value is not of the type it was read as.
        case decoding
        /// The client was used wrongly; nothing was sent.
        case usage
        /// A commit was sent and its outcome is not known: it may be durable, on one node only, or not there.
        case unknownOutcome
    }

    package let kind: Kind
    /// The SQLSTATE, if the server gave one, also while it closed the connection.
    package let sqlState: String?
    package let constraintName: String?
    /// Which statement of a pipeline failed, counted from 0.
    package internal(set) var statementIndex: Int?
    let summary: String
    let details: String

    init(
        _ kind: Kind, _ summary: String, details: String = "", sqlState: String? = nil, constraintName: String? = nil
    ) {
        self.kind = kind
        self.summary = summary
        self.details = details
        self.sqlState = sqlState
        self.constraintName = constraintName
    }

    /// Whether the transaction lost against another one, so that sending it again may succeed.
    package var isRetryable: Bool {
        guard case .server(let state) = kind else { return false }
        return state == SQLState.serializationFailure || state == SQLState.deadlockDetected
    }
}

extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String {
        var text = summary
        if let sqlState { text += " (SQLSTATE \(sqlState))" }
        if let constraintName { text += ", constraint \(constraintName)" }
        if let statementIndex { text += ", in statement \(statementIndex) of the pipeline" }
        return text
    }

    package var debugDescription: String { details.isEmpty ? description : "\(description): \(details)" }
}

extension PostgresError {
    static func usage(_ summary: String) -> PostgresError { PostgresError(.usage, summary) }

    package static func mismatch(_ type: PostgresType, read wanted: Any.Type) -> PostgresError {
        PostgresError(.decoding, "a column of type \(type.oid) cannot be read as \(wanted)")
    }

    static func unexpectedNull(read wanted: Any.Type) -> PostgresError {
        PostgresError(.decoding, "a NULL cannot be read as \(wanted)")
    }

    static let unknownCommit = "the commit was sent, but its outcome is not known"
    static let connectionLost = "the connection to the database was lost"
}
