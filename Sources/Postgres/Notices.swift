import CPostgres

/// Takes the notices of one connection, which libpq would print to standard error.
///
/// All but one are of no use here. The one: a server with synchronous replication commits first and then waits for
/// its standby; a wait that is cancelled ends in a warning, and the commit is durable on one node only.
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
        // The message is translated and a trigger may warn with the same SQLSTATE: only the function that reports
        // it tells this warning from others.
        if ErrorField.sourceFunction.value(in: result) == "SyncRepWaitForLSN" {
            synchronousWaitWasCancelled = true
        }
    }

    /// Whether such a warning came since the last call.
    func takeSynchronousWaitCancelled() -> Bool {
        defer { synchronousWaitWasCancelled = false }
        return synchronousWaitWasCancelled
    }
}
