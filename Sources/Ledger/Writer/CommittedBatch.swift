import Accounting

/// The effects of a committed batch, for the callers that wait and for the admission engine.
package struct CommittedBatch: Sendable {
    package struct Ending: Sendable {
        package let hold: Hold
        /// What this end actually took from the windows and the lease.
        package let charges: [WindowCharge]
        /// Whether this end of the hold was the one that counted.
        package let wasFirst: Bool
        /// Whether the hold's request has its entry now.
        package let isSettlement: Bool
    }

    package struct Extended: Sendable {
        package let hold: Hold
        /// How long the hold lasts yet.
        package let microseconds: Int64
    }

    package struct Window: Sendable {
        package let windowID: Int64
        package let limit: Int64
        package let spent: Int64
        package let leased: Int64
        package let revision: Int64

        package init(windowID: Int64, limit: Int64, spent: Int64, leased: Int64, revision: Int64) {
            self.windowID = windowID
            self.limit = limit
            self.spent = spent
            self.leased = leased
            self.revision = revision
        }
    }

    /// In the order of the jobs. A job that was rated by what a restore has lost has failed, and must be rated again.
    package let outcomes: [Result<LedgerOutcome, LedgerFailure>]
    package let endings: [Ending]
    /// Holds whose settlement was refused or has failed, or that were given more time. They stay open.
    package let reopened: [Hold]
    /// Those of them that do not expire yet.
    package let extended: [Extended]
    /// The entries that jobs have taken the place of, by the indexes of the jobs. Those of a commit that was not answered are
    /// not known.
    let replaced: [Int: ReplaceableEntry]
    package let windows: [Window]
    package let didCrossThreshold: Bool
    /// Whether the batch met ids that were claimed before.
    let didMeetTakenIDs: Bool
    /// Whether another transaction had a window of the batch, so that the batch charged it beside its row.
    let didMeetOthers: Bool
    /// Rows that the batch has looked for and found.
    let seenRows: NamedRows
    /// How long the batch waited for other transactions that had locked its windows or daily sums.
    let lockWaitMicroseconds: Int64
    let hash: [UInt8]
}
