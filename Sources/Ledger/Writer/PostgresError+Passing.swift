import Postgres

extension PostgresError {
    /// Nothing was done, and what failed lies in no row of ours and may pass by itself: the same is worth sending again.
    ///
    /// Whatever else PostgreSQL says may be due to one row, its own internal errors too (XX: a page that cannot be
    /// read): such a row must not stand in the way of others for ever.
    package var isPassing: Bool {
        switch kind {
        case .connection: true
        case .server(let state):
            Self.passingClasses.contains { state.hasPrefix($0) } || Self.passingStates.contains(state)
        case .unknownOutcome, .decoding, .usage: false
        }
    }

    /// https://www.postgresql.org/docs/current/errcodes-appendix.html: the connection, a lack of resources (a full disk,
    /// no place for another connection), an object in use or locked, an operator's intervention (a restart, a
    /// timeout), an error of the machine below.
    private static let passingClasses = ["08", "53", "55", "57", "58"]

    /// A standby; a time that ran out between or over the statements of a transaction; a transaction rolled back in
    /// favour of another.
    private static let passingStates: Set = [SQLState.readOnlyTransaction, "25P03", "25P04", "40000", "40001", "40P01"]
}
