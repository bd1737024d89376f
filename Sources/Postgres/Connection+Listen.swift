import CPostgres

/// A message that `NOTIFY` sent to a channel.
package struct Notification: Hashable, Sendable {
    package let channel: String
    package let payload: String
    /// The process id of the backend that sent it.
    package let processID: Int32
}

extension Connection {
    package func listen(_ channel: String) throws(PostgresError) {
        _ = try simpleCommand("LISTEN \(SQL.quoted(identifier: channel))")
    }

    /// The next notification; nil if none arrives in that time. Throws `.connection` if the connection is lost;
    /// notifications sent after the loss are lost too.
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
    /// Rounded up, so that a wait of this many milliseconds does not end too early.
    var wholeMilliseconds: Int64 {
        components.seconds * 1_000 + (components.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
