import Postgres

extension PostgresError {
    /// Whether nothing was done, the cause lies in no row of ours, and it may pass by itself, so that it is worth
    /// sending the same statements again.
    ///
    /// Any other error may be due to one row. That includes PostgreSQL's internal errors (class XX, for example a page
    /// that cannot be read). Such a row must not block others for ever.
    package var isPassing: Bool {
        switch kind {
        case .connection, .busy: true
        case .server(let state):
            Self.passingClasses.contains { state.hasPrefix($0) } || Self.passingStates.contains(state)
        case .unknownOutcome, .decoding, .usage: false
        }
    }

    /// Error classes (https://www.postgresql.org/docs/current/errcodes-appendix.html): the connection (08), a lack of
    /// resources such as a full disk or no free connection slot (53), an object in use or locked (55), an operator's
    /// intervention such as a restart or a timeout (57), a system error outside PostgreSQL (58).
    private static let passingClasses = ["08", "53", "55", "57", "58"]

    /// The server is a read-only standby. A time limit ran out while a transaction was idle, or over the whole
    /// transaction. PostgreSQL rolled the transaction back in favour of another.
    private static let passingStates: Set = [SQLState.readOnlyTransaction, "25P03", "25P04", "40000", "40001", "40P01"]
}
