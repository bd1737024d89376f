import Postgres

extension PostgresError {
    /// Nothing was done, and what failed may pass by itself: the connection, a lost race, a lock not to be had, a lack
    /// of resources, an operator's intervention, a standby that is read-only.
    package var isPassing: Bool {
        switch kind {
        case .connection: true
        case .server(let state):
            isRetryable || state == "25006" || state == SQLState.lockNotAvailable
                || ["08", "53", "57"].contains { state.hasPrefix($0) }
        case .unknownOutcome, .decoding, .usage: false
        }
    }
}
