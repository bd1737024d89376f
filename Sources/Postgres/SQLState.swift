/// The SQLSTATEs that the client itself treats in a special way, as appendix A of the PostgreSQL manual names them.
package enum SQLState {
    package static let featureNotSupported = "0A000"
    package static let numericValueOutOfRange = "22003"
    package static let readOnlyTransaction = "25006"
    package static let uniqueViolation = "23505"
    package static let inFailedTransaction = "25P02"
    package static let invalidStatementName = "26000"
    package static let serializationFailure = "40001"
    package static let statementCompletionUnknown = "40003"
    package static let deadlockDetected = "40P01"
    package static let lockNotAvailable = "55P03"
    package static let queryCanceled = "57014"
    package static let adminShutdown = "57P01"

    /// The meaning of the few SQLSTATEs that people meet; the others are described by their class.
    static func meaning(of state: String) -> String {
        switch state {
        case uniqueViolation: "the database already has such a row"
        case "23503": "a row that this one refers to is missing"
        case "23502", "23514": "the database refused a value"
        case serializationFailure, deadlockDetected: "the transaction lost against another one"
        case inFailedTransaction: "the transaction was rolled back, because a statement in it had failed"
        case queryCanceled: "the statement was cancelled"
        case lockNotAvailable: "a lock was not to be had"
        default: meaning(ofClass: state.prefix(2))
        }
    }

    private static func meaning(ofClass name: Substring) -> String {
        switch name {
        case "08": "the connection to the database failed"
        case "22": "the database refused a value"
        case "23": "the database refused the row"
        case "28": "the database refused the login"
        case "42": "the database does not know that statement, table or column, or denies access to it"
        case "53": "the database is out of a resource"
        case "57": "the database stopped the statement"
        default: "the database refused the statement"
        }
    }
}
