/// Mistakes that a version of this protocol could make. Each is made on purpose, to check that the simulator finds it.
package enum DeliberateBug: String, CaseIterable, Sendable {
    /// A replica goes on spending however long PostgreSQL has been silent.
    case forgetToFence
    /// The leases of a silent replica return before its last hold has expired.
    case reclaimEarly
    /// A hold that has ended ends again, and its lease pays twice.
    case countRemoteSettleTwice
    /// The money of an expired hold is free on its replica before the expiry is committed.
    case freeExpiredHoldEarly
    /// A grant batch reads the window rows without locking them.
    case grantWithoutRowLock
    /// What no lease had set aside is left beside a locked row too, and grants read the row alone.
    case grantFromRowAlone
    /// A commit whose answer was lost is taken for a failed commit.
    case treatUnknownCommitAsFailed
    /// Entry ids are remembered within a month only.
    case forgetKeysOverMidnight
    /// A server that shuts down acknowledges queued settlements without committing them.
    case dropQueuedSettlesAtShutdown
    /// A replica keeps idle money in its leases, even where others wait for it.
    case ignoreRevocations
    /// A database that was restored from a backup gives the ids of lost replicas again.
    case repeatReplicaIDs
    /// A database that was restored from a backup gives the ids of lost windows again.
    case repeatWindowIDs
    /// A batch charges windows by the ids that its jobs have, though a restore may have lost them.
    case trustWindowIDs
    /// A replica does not notice that the database was restored from a backup, and goes on with the leases it had.
    case goOnAfterRestore
    /// A replica keeps the configuration of a lost past, because only a higher version is news to it.
    case keepConfigurationOfLostPast
    /// A replica counts as silent by its last heartbeat that a restored database knows, though later ones were lost.
    case trustLostHeartbeats
    /// Holds expire on the wall clock of the replica that made them.
    case expireByWallClock
    /// Maintenance takes leases back by the clock of the replica that does it.
    case reclaimByReplicaClock
    /// The leases of a replica that ends return whole, though holds were made from them.
    case returnHandedOverMoney
    /// A call is admitted with more output than is held for.
    case clampHoldsTooLittle
    /// Of the calls that wait on a replica, the last one is served first.
    case waiterOvertakes
    /// A window of a value is made by each replica that has a call of it.
    case openValueTwice
    /// A hold expires when its maker says so, though it was given more time through another replica.
    case expireExtendedHolds
    /// A hold is given more time, but the lease of its maker is not kept longer for it.
    case keepLeaseOfExtendedHoldTooShort
    /// A replica is not told that a budget's boost has ended.
    case boostOutlivesItsEnd
    /// What the window before has left is added anew whenever it changes.
    case carryOverTwice
    /// A rolling window gives up the oldest of its slots that still counts.
    case forgetOldestSlot
    /// What was in flight when its feature was moved counts no longer in the budget that has gone with it.
    case loseSpendingOfMovedFeature
    /// An estimated entry stays when its call is settled after all, so both count.
    case countEstimateAndSettlement
    /// The lease time runs from when the answer to a heartbeat came.
    case fenceFromAnswer

    /// Whether the mistake shows only after the database went back to a backup, and seldom then.
    var isOfRestores: Bool {
        switch self {
        case .repeatReplicaIDs, .repeatWindowIDs, .trustWindowIDs, .goOnAfterRestore, .keepConfigurationOfLostPast,
            .trustLostHeartbeats:
            true
        default: false
        }
    }
}
