/// Mistakes that a version of this protocol could make. Each is put in on purpose, to see that the simulator finds it.
package enum DeliberateBug: String, CaseIterable, Sendable {
    /// A replica goes on spending however long PostgreSQL has been silent.
    case forgetToFence
    /// Leases of a silent replica return before its last hold has expired.
    case reclaimEarly
    /// A hold that was ended already is ended again, and its lease pays twice.
    case countRemoteSettleTwice
    /// Money of an expired hold is free again on its replica before its end is committed.
    case freeExpiredHoldEarly
    /// A round reads the windows' rows without locking them.
    case grantWithoutRowLock
    /// A commit whose answer was lost is taken for one that was not done.
    case treatUnknownCommitAsFailed
    /// Ids are remembered within a month only.
    case forgetKeysOverMidnight
    /// A server that is asked to end answers what is queued without committing it.
    case dropQueuedSettlesAtShutdown
    /// A replica keeps what is idle in its leases, whoever waits for it.
    case ignoreRecalls
}
