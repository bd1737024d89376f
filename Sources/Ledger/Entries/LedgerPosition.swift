/// How far a reader has read the ledger: for each replica, the last of its entries that the reader has.
///
/// The entries of one replica become visible in the order of their ids, batch by batch. So nothing ever appears before
/// a position, in whatever order the replicas' commits overtake each other.
package struct LedgerPosition: Equatable, Sendable {
    /// The replicas up to this id have been read to their end and write no more, except those in `lastEntries`.
    var wholeThrough: Int64
    /// The id of the last entry that was read, by replica. Of a replica above `wholeThrough` that is absent nothing
    /// was read.
    var lastEntries: [Int64: Int64]

    init(wholeThrough: Int64, lastEntries: [Int64: Int64]) {
        self.wholeThrough = wholeThrough
        self.lastEntries = lastEntries
    }

    /// The id of the last entry that was read of a replica, or the number below its first.
    func lastEntry(of replicaID: Int64) -> Int64 {
        lastEntries[replicaID] ?? EntryID.first(of: replicaID) - 1
    }
}

// A position as a client keeps it.
extension LedgerPosition {
    package static let maximumBytes = 16_384

    private static let mark: Character = "p"
    private static let radix = 36

    /// `wholeThrough`, then the id of each replica, as its distance from the one before, and the number of its entry.
    package var text: String {
        var numbers = [wholeThrough]
        var before: Int64 = 0
        for (replicaID, entryID) in lastEntries.sorted(by: { $0.key < $1.key }) {
            numbers += [replicaID - before, EntryID.number(entryID)]
            before = replicaID
        }
        return String(Self.mark) + numbers.map { String($0, radix: Self.radix) }.joined(separator: ".")
    }

    /// Nil where the text is not one that `text` gave.
    ///
    /// The id of an entry is taken too, as clients of earlier versions send it. It stands for what they got: the
    /// entries that follow it on its own replica, and those of replicas that started later.
    package init?(text: String) {
        guard text.utf8.count <= Self.maximumBytes else { return nil }
        guard text.first == Self.mark else {
            guard text.first != "+", let entryID = Int64(text), entryID >= 0 else { return nil }
            let replicaID = EntryID.replica(entryID)
            self.init(wholeThrough: replicaID - 1, lastEntries: [replicaID: entryID])
            return
        }
        var numbers: [Int64] = []
        for part in text.dropFirst().split(separator: ".", omittingEmptySubsequences: false) {
            guard part.first != "+", let number = Int64(part, radix: Self.radix), number >= 0 else { return nil }
            numbers.append(number)
        }
        guard let first = numbers.first, numbers.count % 2 == 1 else { return nil }
        self.init(wholeThrough: first, lastEntries: [:])
        var replicaID: Int64 = 0
        for index in stride(from: 1, to: numbers.count, by: 2) {
            guard numbers[index] > 0, numbers[index] <= EntryID.maximumReplica - replicaID,
                numbers[index + 1] <= EntryID.maximumNumber
            else { return nil }
            replicaID += numbers[index]
            lastEntries[replicaID] = EntryID.first(of: replicaID) - 1 + numbers[index + 1]
        }
    }
}
