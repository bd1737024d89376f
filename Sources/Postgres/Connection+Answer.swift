import CPostgres
import Glibc

/// Waiting for the server. libpq is in its non-blocking mode, in which it never waits by itself.
/// https://www.postgresql.org/docs/current/libpq-async.html
extension Connection {
    /// Sends what `send` hands to libpq and returns the last of its results, as `PQexec` would; nil where there is none
    /// or the connection was given up.
    func exchange(_ send: () -> Int32) -> OpaquePointer? {
        guard send() != 0 else { return nil }
        statistics?.countStatement()
        var last: OpaquePointer?
        while let next = nextResult() {
            PQclear(last)
            last = next
            switch PQresultStatus(next) {
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: return last
            default: break
            }
        }
        // A result may come before the commit it stands for (https://www.postgresql.org/docs/current/protocol-flow.html,
        // "Extended Query"): without the end of the exchange it proves nothing.
        guard isBroken else { return last }
        PQclear(last)
        return nil
    }

    /// The next result of what was sent; nil after the last, and where the connection was given up.
    func nextResult() -> OpaquePointer? {
        flush()
        while !isBroken, PQisBusy(pointer) != 0 {
            guard waitForServer() else { break }
            if PQconsumeInput(pointer) == 0 {
                // Where libpq knows that the connection is lost, it has a last result that says so. Otherwise it would
                // wait for more.
                isBroken = PQstatus(pointer) == CONNECTION_OK
                break
            }
        }
        return isBroken ? nil : PQgetResult(pointer)
    }

    /// Sends all that libpq has kept. Meanwhile it reads: a server that waits for us to take its answers reads nothing.
    func flush() {
        while !isBroken, PQflush(pointer) == 1 {
            guard waitForServer(orRoomToSend: true), PQconsumeInput(pointer) != 0 else { return }
        }
    }

    /// Waits until the server has sent something or the connection is lost; gives it up, and returns false, where the
    /// server is silent for too long.
    private func waitForServer(orRoomToSend: Bool = false) -> Bool {
        var descriptor = pollfd(
            fd: PQsocket(pointer), events: Int16(orRoomToSend ? POLLIN | POLLOUT : POLLIN), revents: 0)
        // Lost, which reading then tells.
        guard descriptor.fd >= 0 else { return true }
        let deadline = answerTimeout.map { ContinuousClock.now + $0 }
        while true {
            let remaining = deadline.map { Int32(clamping: max(.zero, $0 - .now).wholeMilliseconds) }
            let count = poll(&descriptor, 1, remaining ?? -1)
            if count > 0 { return true }
            if count < 0, errno == EINTR { continue }
            isBroken = true
            whyGivenUp = "the server did not answer for \(answerTimeout ?? .zero)"
            return false
        }
    }
}
