import Accounting
import Postgres
import Wording

/// Reads the ledger in the order in which it was written, a range of batches at a time, and checks the hash chain of
/// each replica, the cost of each entry and its id. It adds up what entries charge to windows.
///
/// Each range is read in a snapshot of its own, so that nothing waits for the whole walk to release old rows.
struct LedgerWalk {
    /// How far one replica's chain was read.
    struct Position {
        var batchNumber: Int64 = 0
        var entryID: Int64
        /// The hash of the last batch that was read.
        var hash: [UInt8] = []

        init(start replica: Int64) { entryID = replica << 40 }

        init(batchNumber: Int64, entryID: Int64, hash: [UInt8]) {
            (self.batchNumber, self.entryID, self.hash) = (batchNumber, entryID, hash)
        }
    }

    /// A booking month and a day of which entries were read.
    struct BookedDay: Hashable {
        let bookingMonth: CalendarDay
        let day: CalendarDay
    }

    private struct Batch {
        let number: Int64
        let entryCount: Int64
        let firstEntryID: Int64?
        let lastEntryID: Int64?
        let hash: [UInt8]
        let committedAt: Timestamp
    }

    /// A range has no more batches than this.
    private static let batchesAtOnce: Int64 = 1_000
    /// About how many entries a range has.
    private let entriesAtOnce: Int64

    private(set) var positions: [Int64: Position]
    private(set) var charges: WindowCharges
    private(set) var days: Set<BookedDay> = []
    private(set) var chain = IntegrityCheck("the chain of batches is whole")
    private(set) var costs: CostCheck
    private(set) var keys: KeyCheck
    private var unreadableBatches = 0
    private let detached: DetachedMonths

    init(
        from positions: [Int64: Position], _ charges: WindowCharges, _ detached: DetachedMonths,
        entriesAtOnce: Int64, _ transaction: borrowing Transaction
    ) throws {
        (self.positions, self.charges, self.detached) = (positions, charges, detached)
        self.entriesAtOnce = entriesAtOnce
        costs = try CostCheck(transaction)
        keys = try KeyCheck(transaction)
    }

    /// The last batch of each replica that has any, without reading the batches.
    static func ends(_ transaction: borrowing Transaction) throws -> [(replica: Int64, number: Int64)] {
        try transaction.query(
            """
            WITH RECURSIVE found AS (
                SELECT min(replica_id) AS replica_id FROM batch
                UNION ALL
                SELECT (SELECT min(b.replica_id) FROM batch b WHERE b.replica_id > found.replica_id)
                FROM found WHERE found.replica_id IS NOT NULL
            )
            SELECT replica_id, (SELECT max(number) FROM batch b WHERE b.replica_id = found.replica_id)
            FROM found WHERE replica_id IS NOT NULL
            """
        ).map { try $0.decode((Int64, Int64).self) }
    }

    /// The last batch of a replica that was read.
    func batchNumber(of replica: Int64) -> Int64 { positions[replica]?.batchNumber ?? 0 }

    /// Reads the next range of a replica's batches. Returns how many batches it read: 0 at the end of the chain.
    mutating func read(_ replica: Int64, _ transaction: borrowing Transaction) throws -> Int {
        var position = positions[replica] ?? Position(start: replica)
        let batches = try nextBatches(replica, after: position.batchNumber, transaction)
        let end = batches.reduce(position.entryID) { max($0, $1.lastEntryID ?? $0) }
        let entries = try self.entries(after: position.entryID, to: end, transaction)
        let agreed = try Self.agreed(after: position.entryID, to: end, transaction)
        try costs.refresh(transaction)

        var next = 0
        for batch in batches {
            if batch.number != position.batchNumber + 1 {
                chain.note("replica \(replica) lacks a batch before \(batch.number)")
            }
            var hash = HashChain(after: position.hash)
            var found: [Int64] = []
            while next < entries.count {
                let entry = entries[next]
                let (maker, number) = (
                    try entry.decode(Int64.self, named: "batch_replica_id"),
                    try entry.decode(Int64.self, named: "batch_number")
                )
                guard number <= batch.number else { break }
                next += 1
                guard maker == replica, number == batch.number else {
                    chain.note("entry \(try entry.decode(Int64.self, named: "entry_id")) is in no batch")
                    continue
                }
                found.append(try entry.decode(named: "entry_id"))
                hash.add(entry.bytes)
                try take(entry, agreed)
            }
            if found.count < batch.entryCount, detached.mayExplain(missingSince: batch.committedAt) {
                unreadableBatches += 1
            } else if found.count != batch.entryCount || found.first != batch.firstEntryID
                || found.last != batch.lastEntryID || hash.end() != batch.hash
            {
                chain.note("batch \(batch.number) of replica \(replica) is not what was written")
            }
            chain.checked += 1
            // What is wrong with one batch is told of that batch alone.
            position.hash = batch.hash
            position.batchNumber = batch.number
        }
        for entry in entries.dropFirst(next) {
            chain.note("entry \(try entry.decode(Int64.self, named: "entry_id")) is in no batch")
        }
        try costs.checkCorrections(after: position.entryID, to: end, detached, transaction)
        try keys.check(after: position.entryID, to: end, transaction)
        position.entryID = end
        positions[replica] = position
        return batches.count
    }

    private func nextBatches(
        _ replica: Int64, after number: Int64, _ transaction: borrowing Transaction
    ) throws -> [Batch] {
        let rows = try transaction.query(
            """
            SELECT number, entry_count, first_entry_id, last_entry_id, hash, committed_at FROM batch
            WHERE replica_id = \(replica) AND number > \(number) ORDER BY number LIMIT \(Self.batchesAtOnce)
            """)
        var batches: [Batch] = []
        var entryCount: Int64 = 0
        for row in rows {
            let (number, count, first, last, hash, committedAt) = try row.decode(
                (Int64, Int64, Int64?, Int64?, [UInt8], Timestamp).self)
            batches.append(
                Batch(
                    number: number, entryCount: count, firstEntryID: first, lastEntryID: last, hash: hash,
                    committedAt: committedAt))
            entryCount += count
            if entryCount >= entriesAtOnce { break }
        }
        return batches
    }

    private func entries(after first: Int64, to last: Int64, _ transaction: borrowing Transaction) throws -> Rows {
        try transaction.query(
            """
            SELECT \(unescaped: BookedEntry.columnNames.joined(separator: ", ")) FROM ledger
            WHERE entry_id > \(first) AND entry_id <= \(last) ORDER BY entry_id
            """)
    }

    private static func agreed(
        after first: Int64, to last: Int64, _ transaction: borrowing Transaction
    ) throws -> [Int64: RecordedRating.Agreed] {
        var agreed: [Int64: RecordedRating.Agreed] = [:]
        for row in try transaction.query(
            """
            SELECT entry_id, agreement_id, price_ids FROM entry_agreement
            WHERE entry_id > \(first) AND entry_id <= \(last)
            """)
        {
            let (entry, agreement, priceIDs) = try row.decode((Int64, Int64, [Int64?]?).self)
            agreed[entry] = RecordedRating.Agreed(agreementID: agreement, priceIDs: priceIDs)
        }
        return agreed
    }

    private mutating func take(_ entry: Row, _ agreed: [Int64: RecordedRating.Agreed]) throws {
        try costs.check(entry, agreed[entry.decode(named: "entry_id")])
        try charges.add(entry, calls: LedgerEntry.Kind(rawValue: entry.decode(named: "kind"))?.calls ?? 0)
        days.insert(
            BookedDay(bookingMonth: try entry.decode(named: "booking_month"), day: try entry.decode(named: "day")))
    }
}

extension LedgerWalk {
    /// Looks for entries between and after the chains. `transaction` must be a snapshot up to whose end all chains were
    /// read.
    mutating func checkStrays(_ transaction: borrowing Transaction) throws {
        var after = Int64.min
        for (replica, position) in positions.sorted(by: { $0.key < $1.key }) {
            try checkNone(after: after, before: replica << 40 + 1, transaction)
            after = max(position.entryID, replica << 40)
        }
        try checkNone(after: after, before: Int64.max, transaction)
        if unreadableBatches > 0 {
            chain.gaps.append(
                "\(Phrase.count(unreadableBatches, "batch", "batches")) with entries of months that are not attached: "
                    + detached.text)
        }
    }

    private mutating func checkNone(after: Int64, before: Int64, _ transaction: borrowing Transaction) throws {
        let strays = try transaction.query(
            "SELECT entry_id FROM ledger WHERE entry_id > \(after) AND entry_id < \(before) LIMIT \(IntegrityCheck.limit)"
        )
        for row in strays { chain.note("entry \(try row.decode(Int64.self, at: 0)) is in no batch") }
    }

    /// Compares the batches at which the last verification ended with what they were then.
    mutating func checkAnchors(
        _ anchors: [Int64: Position], _ verifiedAt: Timestamp, _ transaction: borrowing Transaction
    ) throws {
        for (replica, anchor) in anchors.sorted(by: { $0.key < $1.key }) {
            let hash = try transaction.query(
                "SELECT hash FROM batch WHERE replica_id = \(replica) AND number = \(anchor.batchNumber)"
            ).first?.decode([UInt8].self, at: 0)
            if hash != anchor.hash {
                chain.note(
                    "batch \(anchor.batchNumber) of replica \(replica) is not what was verified at \(verifiedAt)")
            }
        }
    }
}
