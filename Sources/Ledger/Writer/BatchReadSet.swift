import Accounting

/// The read set of a batch: the rows PostgreSQL has, before the batch is written, for the batch's ids, holds, windows
/// and users.
package struct BatchReadSet {
    /// The entry that an id was claimed by.
    package struct Key: Sendable {
        package let receipt: Receipt
        /// The team of an event; nil if it is that of the posting that asks, or does not matter.
        let team: String?
        /// Whether it stands in place of usage that nobody has reported yet.
        package let isEstimated: Bool
        private let content: Content

        private enum Content: Sendable {
            /// The digests of the row. Servers of the version before write none of what was said.
            case stored(said: [UInt8]?, resolved: [UInt8])
            case posting(Posting)
        }

        package init(
            said: [UInt8]?, resolved: [UInt8], receipt: Receipt, team: String? = nil, isEstimated: Bool = false
        ) {
            self.receipt = receipt
            self.team = team
            self.isEstimated = isEstimated
            content = .stored(said: said, resolved: resolved)
        }

        package init(of posting: Posting, entryID: Int64) {
            receipt = Receipt(of: posting, entryID: entryID)
            team = posting.entry.who.callersTeam
            isEstimated = posting.entry.kind == .estimated
            content = .posting(posting)
        }

        var saidDigest: [UInt8]? {
            switch content {
            case .stored(let said, _): said
            case .posting(let posting): posting.digest
            }
        }

        var resolvedDigest: [UInt8] {
            switch content {
            case .stored(_, let resolved): resolved
            case .posting(let posting): posting.resolvedDigest
            }
        }

        /// Whether `posting` has the same content. What was said decides. Where that differs or is not known, the
        /// content is still the same if it comes to the same, as versions before this one compare it.
        func isSame(as posting: Posting) -> Bool {
            saidDigest == posting.digest || resolvedDigest == posting.resolvedDigest
        }
    }

    /// Ids that were claimed before. After a commit outcome check that found the batch, also the ids that the batch
    /// claimed.
    package var keys: [EntryKey: Key] = [:]
    /// The entries that usage of the batch takes the place of, by their ids.
    package var replaceable: [Int64: ReplaceableEntry] = [:]
    /// The disputes that the batch accepts, but for those that were decided meanwhile.
    var openDisputes: Set<Int64> = []
    /// Holds that have ended.
    package var ends: [HoldID: HoldEnd] = [:]
    /// The holds in `ends` that this batch itself ended. Only a commit outcome check that found the batch fills this.
    package var endsOfThisBatch: Set<HoldID> = []
    /// Of the holds that the batch lets expire, those that were given more time, and how many microseconds they have.
    package var extensions: [HoldID: Int64] = [:]
    /// The row ids of windows that the batch knew only by their keys, or by ids that are lost.
    package var windowIDs: [WindowKey: Int64] = [:]
    /// The rows that the batch has looked for because no batch before it has seen them.
    package var sought = NamedRows()
    /// Those of them that a restore from a backup has lost.
    package var lost = NamedRows()
    /// Nil unless a sum of the batch did not fit before.
    var sums: BatchSums?
    /// Whether a commit outcome check has found that the batch was committed. An id that was not claimed was then
    /// refused.
    var isAfterCommit = false
    var users = KnownUsers()
    var closedMonths: Set<CalendarMonth> = []
    /// The oid of the ledger's row type.
    var rowType: UInt32 = 0

    package init() {}
}
