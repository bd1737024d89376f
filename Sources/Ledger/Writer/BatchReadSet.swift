import Accounting

/// The read set of a batch: the rows PostgreSQL has, before the batch is written, for the batch's ids, holds, windows
/// and users.
package struct BatchReadSet {
    package struct Key: Sendable {
        package let digest: [UInt8]
        package let receipt: Receipt

        package init(digest: [UInt8], receipt: Receipt) {
            self.digest = digest
            self.receipt = receipt
        }
    }

    /// Ids that were claimed before. After a commit outcome check that found the batch, also the ids that the batch
    /// claimed.
    package var keys: [EntryKey: Key] = [:]
    /// Holds that have ended.
    package var ends: [HoldID: HoldEnd] = [:]
    /// The holds in `ends` that this batch itself ended. Only a commit outcome check that found the batch fills this.
    package var endsOfThisBatch: Set<HoldID> = []
    /// The row ids of windows that the batch knew only by their keys.
    package var windowIDs: [WindowKey: Int64] = [:]
    /// Nil unless a sum of the batch did not fit before.
    var sums: BatchSums?
    /// Whether a commit outcome check has found that the batch was committed. An id that was not claimed was then
    /// refused.
    var isAfterCommit = false
    var userIDs: [String: Int64] = [:]
    var closedMonths: Set<CalendarMonth> = []
    /// The oid of the ledger's row type.
    var rowType: UInt32 = 0

    package init() {}
}

/// An entry's id, and the owner within which the id is unique.
package struct EntryKey: Hashable, Comparable, Sendable {
    package let owner: String
    package let id: String

    package static func < (left: EntryKey, right: EntryKey) -> Bool {
        left.owner == right.owner ? left.id < right.id : left.owner < right.owner
    }
}
