import CPostgres
import Glibc

/// Waiting for the server. libpq is in non-blocking mode, so it never waits by itself.
/// https://www.postgresql.org/docs/current/libpq-async.html
extension Connection {
    /// Sends a statement, which `send` hands to libpq, and returns its last result, as `PQexec` would. Returns nil if
    /// there is no result or the connection was given up.
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
        // The server may send a result before it commits (https://www.postgresql.org/docs/current/protocol-flow.html,
        // "Extended Query"), so a result proves nothing until the exchange has ended.
        guard isBroken else { return last }
        PQclear(last)
        return nil
    }

    /// The next result of the statements sent; nil after the last one, or if the connection was given up.
    func nextResult() -> OpaquePointer? {
        flush()
        while !isBroken, PQisBusy(pointer) != 0 {
            guard waitForServer() else { break }
            if PQconsumeInput(pointer) == 0 {
                // If libpq knows that the connection is lost, PQgetResult returns an error result. If libpq does not
                // know, PQgetResult would wait for more input, so the connection counts as broken.
                isBroken = PQstatus(pointer) == CONNECTION_OK
                break
            }
        }
        return isBroken ? nil : PQgetResult(pointer)
    }

    /// Sends everything in libpq's output buffer. It reads answers meanwhile, because a server that waits for the
    /// client to read its answers reads no input.
    func flush() {
        while !isBroken, PQflush(pointer) == 1 {
            guard waitForServer(orRoomToSend: true), PQconsumeInput(pointer) != 0 else { return }
        }
    }

    /// Waits until the server has sent something, the socket takes more output (with `orRoomToSend`), or the connection
    /// is lost. If the server is silent for `answerTimeout`, gives the connection up and returns false.
    private func waitForServer(orRoomToSend: Bool = false) -> Bool {
        let socket = PQsocket(pointer)
        // The connection is lost; the next read reports it.
        guard socket >= 0 else { return true }
        let events = Int16(orRoomToSend ? POLLIN | POLLOUT : POLLIN)
        let deadline = answerTimeout.map { ContinuousClock.now + $0 }
        while true {
            // `poll` skips a negative descriptor.
            var descriptors = (
                pollfd(fd: socket, events: events, revents: 0),
                pollfd(fd: interrupt?.descriptor ?? -1, events: Int16(POLLIN), revents: 0)
            )
            let remaining = deadline.map { Int32(clamping: max(.zero, $0 - .now).wholeMilliseconds) }
            let count = withUnsafeMutableBytes(of: &descriptors) {
                poll($0.assumingMemoryBound(to: pollfd.self).baseAddress, 2, remaining ?? -1)
            }
            if count > 0, descriptors.0.revents != 0 { return true }
            if count > 0 {
                interrupt?.lower()
                cancelStatement()
            } else if count == 0 || errno != EINTR {
                isBroken = true
                whyGivenUp = "the server did not answer for \(answerTimeout ?? .zero)"
            }
            if isBroken { return false }
        }
    }

    /// Asks the server to cancel the statement under way, which then fails with 57014 if it has not ended. If the server
    /// cannot be asked, gives the connection up: the server ends a statement whose client is gone.
    private func cancelStatement() {
        guard let request = PQgetCancel(pointer) else { return }
        defer { PQfreeCancel(request) }
        var message = [CChar](repeating: 0, count: 256)
        guard PQcancel(request, &message, Int32(message.count)) == 0 else { return }
        isBroken = true
        whyGivenUp = "the statement could not be cancelled"
    }
}
