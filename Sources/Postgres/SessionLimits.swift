/// How long a session that must not hang waits for others, and others for it.
///
/// It goes by these whatever the role, the database or the server sets: a limit that an operator sets for all sessions
/// is meant for people's queries.
package struct SessionLimits: Sendable {
    /// For an address of a host to take the connection.
    package var connect = Duration.seconds(2)
    /// For a lock that another session holds; the statement then fails with 55P03.
    package var lock = Duration.seconds(2)
    /// For the server to say anything while its answer is due; then the connection is given up.
    package var answer = Duration.seconds(5)
    /// For this process to go on with a transaction: the rows that a frozen one has locked are not locked for long.
    package var idleInTransaction = Duration.seconds(2)

    package init() {}

    /// What a server that is told to can end: a statement whose client is gone. Not every system can.
    static let statementOfServer = "SET client_connection_check_interval = 1000"

    /// No limit on whole statements: it would cancel the wait of a commit for its standby, after which the commit is on
    /// one node only, and let no large batch through a slow server. The server looks after a client that is gone as
    /// the client does after the server (`ConnectionParameters`).
    func statement(serverVersion: Int) -> String {
        precondition(lock < answer, "a wait for a lock must end with an error, not with the connection")
        let withoutTransactionTimeout = serverVersion < 170_000
        return """
            SET statement_timeout = 0; SET idle_session_timeout = 0;
            \(withoutTransactionTimeout ? "" : "SET transaction_timeout = 0;")
            SET lock_timeout = \(lock.wholeMilliseconds);
            SET idle_in_transaction_session_timeout = \(idleInTransaction.wholeMilliseconds);
            SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 3; SET tcp_keepalives_count = 3;
            SET tcp_user_timeout = 20000
            """
    }
}

extension Connection {
    package convenience init(
        connectionString: String, limits: SessionLimits, statistics: SessionStatistics? = nil
    ) throws(PostgresError) {
        try self.init(
            connectionString: connectionString, connectTimeout: limits.connect, answerTimeout: limits.answer,
            statistics: statistics)
        try executeScript(limits.statement(serverVersion: serverVersion))
        do throws(PostgresError) {
            try executeScript(SessionLimits.statementOfServer)
        } catch {
            guard case .server = error.kind else { throw error }
        }
    }
}
