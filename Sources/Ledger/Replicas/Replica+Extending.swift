import Accounting

extension Replica {
    /// Gives an open hold `seconds` from now, unless it has more already, and returns when it expires at the earliest.
    /// Throws `HoldExtensions.Ended` where it has ended.
    package func extend(_ hold: Hold, seconds: Int64) async throws -> Timestamp {
        let sentAt = SystemClock.now()
        let (isOfAnotherPast, isFenced) = core.withLock {
            ($0.engine.isOfAnotherPast(hold), $0.engine.isFenced(at: sentAt))
        }
        if isFenced { throw LedgerFailure.unavailable }
        // A hold from a past that the database has lost sets nothing aside.
        if isOfAnotherPast { throw HoldExtensions.Ended() }
        let left = try await database.run { try HoldExtensions.extend(hold, seconds: seconds, $0) }
        core.withLock { core in
            core.update {
                let now = SystemClock.now()
                $0.extend(hold, byMicroseconds: left, at: now)
                $0.verdictLog.note(extended: hold, byMicroseconds: left, at: now.wall)
            }
        }
        return max(hold.expiresAt, Timestamp(microseconds: sentAt.wall.microseconds + left))
    }
}
