import Accounting

/// An entry on its way into the ledger, with its key and digest. A class, so that it is shared rather than copied: an
/// entry has some forty fields, and a batch has up to two thousand entries.
package final class Posting: Sendable {
    package let entry: LedgerEntry
    /// The hold that the entry ends.
    package let hold: Hold?
    package let key: EntryKey
    /// Tells whether two entries under one id have the same content: a digest of what their reporters said.
    package let digest: [UInt8]
    private let isOccurredAtGiven: Bool

    /// - Parameter isOccurredAtGiven: whether the reporter said when the call occurred, rather than Purser.
    package init(_ entry: LedgerEntry, isOccurredAtGiven: Bool) {
        self.entry = entry
        self.isOccurredAtGiven = isOccurredAtGiven
        hold = entry.hold
        key = entry.key
        digest = entry.saidDigest(isOccurredAtGiven: isOccurredAtGiven)
    }

    /// For an entry that does not tell all that its reporter said.
    ///
    /// - Parameters:
    ///   - key: the reporter's own. The entry no longer tells which team the reporter named.
    ///   - digest: of what the reporter said.
    init(_ entry: LedgerEntry, under key: EntryKey, digest: [UInt8]) {
        self.entry = entry
        self.key = key
        self.digest = digest
        isOccurredAtGiven = true
        hold = entry.hold
    }

    /// Whether it is an event whose caller named another team than the one at which it counts.
    var isEventOfMovedFeature: Bool { entry.hold == nil && entry.who.callersTeam != entry.who.team }

    /// The digest that versions before this one compare. Computed where it is needed: by the writer, not before a
    /// settlement is queued.
    var resolvedDigest: [UInt8] { entry.resolvedDigest(isOccurredAtGiven: isOccurredAtGiven) }

    private init(endingNoHold posting: Posting) {
        entry = posting.entry
        hold = nil
        key = posting.key
        digest = posting.digest
        isOccurredAtGiven = posting.isOccurredAtGiven
    }

    /// The same entry, for a hold from a past that the database has lost: there is nothing to end.
    var endingNoHold: Posting { Posting(endingNoHold: self) }
}

/// A posting with everything that the writer adds: one row of the ledger.
package struct BookedEntry: Sendable {
    package let posting: Posting
    /// The key under which it is recorded: the posting's, or that of its team.
    package let key: EntryKey
    /// The replica id in the high bits, the replica's own count in the low 40.
    package let entryID: Int64
    /// The day of the call in the accounting time zone.
    let day: CalendarDay
    /// The month of `day` or, if it is closed, the first open month after it.
    let bookingMonth: CalendarMonth
    let userID: Int64?
    /// The windows of the budgets that count the entry, sorted.
    package let windowIDs: [Int64]
    let batchReplicaID: Int64
    let batchNumber: Int64
}
