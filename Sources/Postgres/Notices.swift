import CPostgres

/// Receives the notices of one connection, which libpq would otherwise print to standard error.
///
/// Only one notice matters here. A server with synchronous replication commits first and then waits for its standby. If
/// that wait is cancelled, the server sends a warning, and the commit is durable on one node only.
/// https://www.postgresql.org/docs/current/warm-standby.html#SYNCHRONOUS-REPLICATION-HA
final class Notices {
    private(set) var synchronousWaitWasCancelled = false

    func attach(to connection: OpaquePointer) {
        PQsetNoticeReceiver(
            connection,
            { context, result in
                guard let context, let result else { return }
                Unmanaged<Notices>.fromOpaque(context).takeUnretainedValue().receive(result)
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func receive(_ result: OpaquePointer) {
        // The message may be translated, and a trigger may warn with the same SQLSTATE. Only the server function that
        // reports the warning identifies it.
        if ErrorField.sourceFunction.value(in: result) == "SyncRepWaitForLSN" {
            synchronousWaitWasCancelled = true
        }
    }

    /// Whether the server cancelled a synchronous wait since the last call.
    func takeSynchronousWaitCancelled() -> Bool {
        defer { synchronousWaitWasCancelled = false }
        return synchronousWaitWasCancelled
    }
}
