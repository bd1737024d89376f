/// Time limits of a session: how long it waits for others, and how long others wait for it. Every session that Purser
/// opens has some.
///
/// They replace the limits of the role, the database and the server, because an operator sets those for people's
/// queries. A limit that is nil is switched off.
package struct SessionLimits: Sendable {
    /// How long one address of a host may take to accept the connection; nil for what the connection string says.
    package var connect: Duration? = .seconds(2)
    /// How long the server works on one statement; the statement then fails with 57014. Only for sessions that write
    /// nothing that matters: the limit also cancels a commit's wait for its standby, and leaves the commit on one node
    /// only.
    package var statement: Duration?
    /// How long to wait for a lock that another session holds; the statement then fails with 55P03.
    package var lock: Duration? = .seconds(2)
    /// How long the server may be silent while its answer is due; the client then gives the connection up.
    package var answer: Duration? = .seconds(5)
    /// How long this process may pause within a transaction, so that a frozen process does not keep its rows locked for
    /// long.
    package var idleInTransaction = Duration.seconds(2)

    package init() {}

    /// For commands that a person runs and waits for, such as `migrate` and `verify`. A statement may take hours. It
    /// ends with the command.
    package static let command = {
        var limits = SessionLimits()
        (limits.connect, limits.lock, limits.answer) = (nil, nil, nil)
        limits.idleInTransaction = .seconds(600)
        return limits
    }()

    /// Makes the server end a statement whose client is gone. Not every operating system supports this.
    static let statementOfServer = "SET client_connection_check_interval = 1000"

    /// Without compiled expressions: to compile a statement over many partitions takes seconds, and none of ours runs so
    /// long that it is worth it. The TCP settings let the server detect a client that is gone, as those of `ConnectionParameters` let the client
    /// detect a server that is gone.
    func script(serverVersion: Int) -> String {
        for shorter in [lock, statement] {
            guard let shorter, let answer else { continue }
            precondition(shorter < answer, "a limit of the server must end the statement, not the connection")
        }
        let withoutTransactionTimeout = serverVersion < 170_000
        return """
            SET statement_timeout = \(Self.milliseconds(statement)); SET idle_session_timeout = 0;
            \(withoutTransactionTimeout ? "" : "SET transaction_timeout = 0;")
            SET lock_timeout = \(Self.milliseconds(lock));
            SET idle_in_transaction_session_timeout = \(idleInTransaction.wholeMilliseconds);
            SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 3; SET tcp_keepalives_count = 3;
            SET tcp_user_timeout = 20000; SET jit = off
            """
    }

    /// To PostgreSQL, 0 means no limit.
    private static func milliseconds(_ limit: Duration?) -> Int64 { limit?.wholeMilliseconds ?? 0 }
}

extension Connection {
    /// Connects, and sets the limits of the session.
    ///
    /// - Parameters:
    ///   - name: what the session is for. `pg_stat_activity` shows it behind the application's name.
    ///   - statistics: counts the statements of this connection.
    package convenience init(
        connectionString: String, limits: SessionLimits = .command, name: String? = nil,
        statistics: SessionStatistics? = nil
    ) throws(PostgresError) {
        try self.init(
            unlimited: connectionString, connectTimeout: limits.connect, answerTimeout: limits.answer,
            statistics: statistics)
        try executeScript(limits.script(serverVersion: serverVersion))
        if let name = name ?? statistics?.name {
            _ = try query(
                "SELECT set_config('application_name', current_setting('application_name') || ' ' || \(name), false)")
        }
        do throws(PostgresError) {
            try executeScript(SessionLimits.statementOfServer)
        } catch {
            guard case .server = error.kind else { throw error }
        }
    }
}
