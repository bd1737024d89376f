import CPostgres
import Glibc

/// One connection to PostgreSQL, used on one thread at a time. Every call blocks; none may run on a thread of Swift's
/// cooperative pool. Closed when it goes away.
///
/// Outside a transaction, a statement whose connection is lost throws `.connection` and may or may not have been
/// carried out: what must be known belongs in a `transaction` or a `pipeline`.
package final class Connection {
    let pointer: OpaquePointer
    let notices = Notices()
    private let parameters: ConnectionParameters
    let statistics: SessionStatistics?
    var statements: StatementCache
    /// Set where the state of the protocol is no longer known; the connection can only be closed then.
    var isBroken = false
    /// Why this side gave the connection up, where it did.
    var whyGivenUp: String?

    /// How long the server may say nothing while an answer is due, before the connection is given up as lost; nil: for
    /// ever. A `COMMIT` that is not answered in time is an `.unknownOutcome`.
    package var answerTimeout: Duration?

    /// Connects, and waits for it at most `connect_timeout` (5 seconds unless given) for each address of each host.
    ///
    /// The string is a URI or `keyword=value` pairs. The session is in UTF-8 and its time zone is UTC. Of several
    /// hosts the one that takes writes is chosen, unless `target_session_attrs` says otherwise.
    ///
    /// - Parameters:
    ///   - connectTimeout: in place of a longer `connect_timeout`; in whole seconds, and at least 2, for libpq.
    ///   - statistics: where its statements are counted.
    package init(
        connectionString: String, connectTimeout: Duration? = nil, answerTimeout: Duration? = nil,
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
        // libpq's own waits have no end: it never waits here, and this side does (see `nextResult`).
        PQsetnonblocking(pointer, 1)
        notices.attach(to: pointer)
        _ = try simpleCommand("SET TimeZone = 'UTC'")
    }

    deinit { PQfinish(pointer) }

    /// False once the connection is known to be lost. True does not promise that it is not.
    package var isUsable: Bool { !isBroken && PQstatus(pointer) == CONNECTION_OK }

    /// What the server reported of a setting, such as `server_version` or `in_hot_standby`.
    package func parameterStatus(_ name: String) -> String? {
        PQparameterStatus(pointer, name).map { String(cString: $0) }
    }

    /// The server's version as libpq counts it: 150004 for 15.4.
    package var serverVersion: Int { Int(PQserverVersion(pointer)) }

    /// The process id of the backend, as `pg_stat_activity` shows it.
    package var backendProcessID: Int32 { PQbackendPID(pointer) }

    /// Whether the server was a standby when it last said so; it takes no writes until it is promoted.
    var isOnStandby: Bool { parameterStatus("in_hot_standby") == "on" }

    package var isInTransaction: Bool {
        let status = PQtransactionStatus(pointer)
        return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
    }

    /// Reads what the server sent while nothing was asked of it, and so learns cheaply of a connection that was closed.
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

    /// Why the connection was given up, or else what libpq says of the last failure.
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
