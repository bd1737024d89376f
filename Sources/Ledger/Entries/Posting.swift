import Accounting

/// An entry on its way into the ledger, with what its id claims. It is shared rather than copied: an entry has some forty
/// fields, and a batch two thousand entries.
package final class Posting: Sendable {
    package let entry: LedgerEntry
    package let key: EntryKey
    /// Tells the same content from other content under one id.
    package let digest: [UInt8]

    /// - Parameter isOccurredAtGiven: whether the reporter said when the call occurred, rather than Purser.
    package init(_ entry: LedgerEntry, isOccurredAtGiven: Bool) {
        self.entry = entry
        key = entry.key
        digest = entry.digest(isOccurredAtGiven: isOccurredAtGiven)
    }
}

/// A posting with all that the writer gives it: one row of the ledger.
package struct BookedEntry: Sendable {
    package let posting: Posting
    /// The replica in the high bits, its own count in the low 40.
    package let entryID: Int64
    /// In the accounting time zone.
    let day: CalendarDay
    /// The month of `day`, or the first open one after it.
    let bookingMonth: CalendarMonth
    let userID: Int64?
    /// Of the budgets that count it, sorted.
    package let windowIDs: [Int64]
    let batchReplicaID: Int64
    let batchNumber: Int64
}
