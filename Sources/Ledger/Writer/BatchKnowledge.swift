import Accounting

/// What PostgreSQL has, before a batch is written, of what is in the batch.
package struct BatchKnowledge {
    package struct Key: Sendable {
        package let digest: [UInt8]
        package let receipt: Receipt

        package init(digest: [UInt8], receipt: Receipt) {
            self.digest = digest
            self.receipt = receipt
        }
    }

    /// Ids that were claimed before, or by this batch where it turned out to be committed.
    package var keys: [EntryKey: Key] = [:]
    /// Holds that have ended.
    package var ends: [HoldID: HoldEnd] = [:]
    /// Those of them that this batch ended, where it turned out to be committed.
    package var endsOfThisBatch: Set<HoldID> = []
    /// The rows of windows that were not known by their id.
    package var windowIDs: [WindowKey: Int64] = [:]
    var userIDs: [String: Int64] = [:]
    var closedMonths: Set<CalendarMonth> = []
    /// The oid of the ledger's row type.
    var rowType: UInt32 = 0

    package init() {}
}

/// What an entry's id is unique in, and the id.
package struct EntryKey: Hashable, Comparable, Sendable {
    package let owner: String
    package let id: String

    package static func < (left: EntryKey, right: EntryKey) -> Bool {
        left.owner == right.owner ? left.id < right.id : left.owner < right.owner
    }
}
