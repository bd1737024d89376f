import CPostgres
import Glibc

/// One connection to PostgreSQL, used on one thread at a time. Every call blocks; none may run on a thread of Swift's
/// cooperative pool. The connection is closed when this object is released.
///
/// If the connection is lost during a statement outside a transaction, the statement throws `.connection` and may or
/// may not have been executed. Statements whose outcome must be known belong in a `transaction` or a `pipeline`.
package final class Connection {
    let pointer: OpaquePointer
    let notices = Notices()
    private let parameters: ConnectionParameters
    let statistics: SessionStatistics?
    var statements: StatementCache
    /// True once the state of the protocol is unknown; the connection can then only be closed.
    var isBroken = false
    /// Why this client gave the connection up, if it did.
    var whyGivenUp: String?

    /// How long the server may be silent while an answer is due before the client gives the connection up as lost; nil
    /// for no limit. A `COMMIT` that is not answered in time is an `.unknownOutcome`.
    package var answerTimeout: Duration?
    /// Asks this connection to cancel the statement it waits for; nil if nobody may.
    var interrupt: StatementInterrupt?

    /// Connects. Waits at most `connect_timeout` (5 seconds unless given) for each address of each host.
    ///
    /// The string is a URI or `keyword=value` pairs. The session's encoding is UTF-8 and its time zone is UTC. If the
    /// string names several hosts, the connection goes to the one that takes writes, unless `target_session_attrs` says
    /// otherwise.
    ///
    /// - Parameters:
    ///   - connectionString: of a session that keeps the limits of its role and database. Everything else connects with
    ///     limits of its own (`SessionLimits`).
    ///   - connectTimeout: replaces a longer `connect_timeout`. libpq takes whole seconds, and at least 2.
    ///   - statistics: counts the statements of this connection.
    init(
        unlimited connectionString: String, connectTimeout: Duration? = nil, answerTimeout: Duration? = nil,
        statementCacheCapacity: Int = 256, statistics: SessionStatistics? = nil
    ) throws(PostgresError) {
        parameters = try ConnectionParameters(parsing: connectionString, connectTimeout: connectTimeout)
        statements = StatementCache(capacity: statementCacheCapacity)
        self.answerTimeout = answerTimeout
        self.statistics = statistics
        guard let pointer = parameters.connect() else {
            throw PostgresError(.connection, "there is no memory for a database connection")
        }
        self.pointer = pointer
        guard PQstatus(pointer) == CONNECTION_OK else {
            throw PostgresError(.connection, "the database connection could not be made", details: lastMessage)
        }
        // libpq's own waits have no time limit. In non-blocking mode libpq never waits; `nextResult` waits, with a
        // limit.
        PQsetnonblocking(pointer, 1)
        notices.attach(to: pointer)
        _ = try simpleCommand("SET TimeZone = 'UTC'")
    }

    deinit { PQfinish(pointer) }

    /// False once the connection is known to be lost. True does not guarantee that it still works.
    package var isUsable: Bool { !isBroken && PQstatus(pointer) == CONNECTION_OK }

    /// The value that the server reported for a setting, such as `server_version` or `in_hot_standby`.
    package func parameterStatus(_ name: String) -> String? {
        PQparameterStatus(pointer, name).map { String(cString: $0) }
    }

    /// The server's version as libpq counts it: 150004 for 15.4.
    package var serverVersion: Int { Int(PQserverVersion(pointer)) }

    /// The process id of the backend, as `pg_stat_activity` shows it.
    package var backendProcessID: Int32 { PQbackendPID(pointer) }

    /// Whether the server last reported that it is a standby. A standby takes no writes until it is promoted.
    var isOnStandby: Bool { parameterStatus("in_hot_standby") == "on" }

    package var isInTransaction: Bool {
        let status = PQtransactionStatus(pointer)
        return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
    }

    /// Reads what the server sent while the connection was idle: a cheap way to notice that it was closed. Returns true
    /// if the connection is lost.
    package func noticeClosing() -> Bool {
        while isUsable, waitForInput(timeoutMilliseconds: 0) {
            guard PQconsumeInput(pointer) != 0 else { break }
            _ = PQisBusy(pointer)
        }
        return !isUsable
    }

    /// True if there is something to read. False after the timeout, or at once if there is no connection.
    func waitForInput(timeoutMilliseconds: Int32) -> Bool {
        var descriptor = pollfd(fd: PQsocket(pointer), events: Int16(POLLIN), revents: 0)
        guard descriptor.fd >= 0 else { return false }
        return poll(&descriptor, 1, timeoutMilliseconds) > 0
    }

    /// Why this client gave the connection up, or else libpq's message about the last failure.
    var lastMessage: String {
        whyGivenUp
            ?? parameters.withoutSecrets(String(cString: PQerrorMessage(pointer)).trimmingTrailingNewlines)
    }

    func withoutSecrets(_ message: String) -> String { parameters.withoutSecrets(message) }
}

@available(*, unavailable)
extension Connection: Sendable {}

extension String {
    var trimmingTrailingNewlines: String {
        var text = self[...]
        while text.last?.isNewline == true { text.removeLast() }
        return String(text)
    }
}
