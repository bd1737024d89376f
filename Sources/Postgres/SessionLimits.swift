/// Time limits of a session that must not hang: how long it waits for others, and how long others wait for it.
///
/// They replace the limits of the role, the database and the server, because an operator sets those for people's
/// queries.
package struct SessionLimits: Sendable {
    /// How long one address of a host may take to accept the connection.
    package var connect = Duration.seconds(2)
    /// How long to wait for a lock that another session holds; the statement then fails with 55P03.
    package var lock = Duration.seconds(2)
    /// How long the server may be silent while its answer is due; the client then gives the connection up.
    package var answer = Duration.seconds(5)
    /// How long this process may pause within a transaction, so that a frozen process does not keep its rows locked for
    /// long.
    package var idleInTransaction = Duration.seconds(2)

    package init() {}

    /// Makes the server end a statement whose client is gone. Not every operating system supports this.
    static let statementOfServer = "SET client_connection_check_interval = 1000"

    /// Whole statements have no limit. A limit would cancel a commit's wait for its standby, which leaves the commit on
    /// one node only, and would stop a large batch on a slow server. The TCP settings let the server detect a client
    /// that is gone, as those of `ConnectionParameters` let the client detect a server that is gone.
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
