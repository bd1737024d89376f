import CPostgres

/// What `NOTIFY` sent to a channel.
package struct Notification: Hashable, Sendable {
    package let channel: String
    package let payload: String
    /// The backend that sent it.
    package let processID: Int32
}

extension Connection {
    package func listen(_ channel: String) throws(PostgresError) {
        _ = try simpleCommand("LISTEN \(SQL.quoted(identifier: channel))")
    }

    /// The next notification; nil if none came in that time. Throws `.connection` if the connection is lost meanwhile:
    /// what was notified since is lost with it.
    package func waitForNotification(timeoutMilliseconds: Int) throws(PostgresError) -> Notification? {
        let deadline = ContinuousClock.now + .milliseconds(timeoutMilliseconds)
        while true {
            guard PQconsumeInput(pointer) != 0, isUsable else {
                throw PostgresError(.connection, PostgresError.connectionLost, details: lastMessage)
            }
            if let next = PQnotifies(pointer) {
                defer { PQfreemem(next) }
                return Notification(
                    channel: String(cString: next.pointee.relname), payload: String(cString: next.pointee.extra),
                    processID: next.pointee.be_pid)
            }
            let remaining = deadline - .now
            guard remaining > .zero else { return nil }
            _ = waitForInput(timeoutMilliseconds: Int32(clamping: remaining.wholeMilliseconds))
        }
    }
}

extension Duration {
    /// Rounded up, so that a wait for it does not end before it.
    var wholeMilliseconds: Int64 {
        components.seconds * 1_000 + (components.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
