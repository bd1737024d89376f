import Accounting
import Postgres

/// One transaction of the writer.
///
/// It looks up what PostgreSQL has of its holds and ids, decides in memory what each job comes to (`BatchResult`), and
/// writes it all. Ids are nearly always new, so they are looked up only where the unique key has refused one, or the
/// batch before met one that was there. Another replica that claims one of the same ids or holds meanwhile makes the write fail as a lost
/// race, and the next attempt sees what the other has done. Locks are taken in one order, each kind sorted, so that two
/// replicas wait for each other but never in a circle: months, people, windows that are opened, keys, terminal rows,
/// leases, windows, daily sums, verdict counts.
package struct WriteBatch: Sendable {
    package let replicaID: Int64
    package let number: Int64
    /// The entry of the job at `index` has this number plus `index`.
    let firstEntryNumber: Int64
    let previousHash: [UInt8]
    package let jobs: [LedgerJob]
    let tallies: [VerdictTally]
    let configuration: Configuration
    /// An id of the batch before was there already, so it is likely in this one too.
    let expectsRepeats: Bool
    var userIDs: [String: Int64]
    var knownMonths: Set<CalendarMonth>

    /// Namespaces of PostgreSQL's advisory locks.
    enum Lock {
        /// One batch of a replica at a time.
        static let batch: Int32 = 7213
        /// Shared by writers that book into a month, taken alone by its close.
        static let month: Int32 = 7214
    }

    mutating func commit(on connection: Connection, mayBeCommitted: Bool) throws -> CommittedBatch {
        // Nothing of it may be refused before it is looked for.
        if mayBeCommitted {
            do {
                if let found = try BatchFinding.find(self, on: connection) { return found }
            } catch let error as PostgresError {
                throw BatchFinding.Failure(cause: error)
            }
        }
        try ensureMonths(connection)
        if !expectsRepeats {
            do {
                return try write(on: connection, BatchLook(self, asksForKeys: false))
            } catch let error as PostgresError where error.isKeyThere {
                // Now it is worth asking which.
            }
        }
        return try write(on: connection, BatchLook(self, asksForKeys: true))
    }

    private mutating func write(on connection: Connection, _ look: BatchLook) throws -> CommittedBatch {
        // The closure of a transaction must not change self: an attempt that fails leaves nothing behind.
        let (committed, userIDs) = try connection.briefTransaction(first: look.statements) { transaction, rows in
            let known = try look.knowledge(rows, self, transaction)
            return BatchResult(self, knowing: known).write(known)
        }
        self.userIDs = userIDs
        return committed
    }

    private mutating func ensureMonths(_ connection: Connection) throws {
        for month in bookingMonths(closed: configuration.closedMonths).subtracting(knownMonths) {
            try connection.execute("SELECT ensure_month(\(month.firstDay))")
            knownMonths.insert(month)
        }
    }
}

extension PostgresError {
    /// There is a batch of this replica with this number: an earlier attempt was committed after all.
    var isBatchThere: Bool { constraintName == "batch_pkey" }

    /// Another replica has claimed an id or ended a hold of the batch since it looked.
    var isClaimedMeanwhile: Bool { isKeyThere || constraintName == "hold_end_pkey" }

    /// An id of the batch was claimed before.
    fileprivate var isKeyThere: Bool { constraintName == "entry_key_pkey" }
}

// What is in it.
extension WriteBatch {
    private static let entryNumberBits: Int64 = 40

    func entryID(ofJob index: Int) -> Int64 { replicaID << Self.entryNumberBits + firstEntryNumber + Int64(index) }

    func day(of posting: Posting) -> CalendarDay { configuration.accountingZone.day(at: posting.entry.occurredAt) }

    var postings: some Sequence<Posting> {
        jobs.lazy.compactMap { if case .record(let posting, _) = $0 { posting } else { nil } }
    }

    static func bookingMonth(on day: CalendarDay, closed: Set<CalendarMonth>) -> CalendarMonth {
        var month = day.month
        while closed.contains(month) { month = month.next }
        return month
    }

    func bookingMonths(closed: Set<CalendarMonth>) -> Set<CalendarMonth> {
        var months: Set<CalendarMonth> = []
        var last: CalendarDay?
        for posting in postings {
            let day = day(of: posting)
            // Most entries of a batch are of the same day.
            if day == last { continue }
            months.insert(Self.bookingMonth(on: day, closed: closed))
            last = day
        }
        return months
    }

    var holdIDs: [HoldID] { jobs.compactMap { $0.hold?.id } }

    /// People whose number is not known yet, sorted.
    var unknownPeople: [String] {
        var names: Set<String> = []
        for posting in postings {
            if let user = posting.entry.who.user, userIDs[user] == nil { names.insert(user) }
        }
        return names.sorted()
    }

    var unopenedWindows: Set<WindowKey> {
        var keys: Set<WindowKey> = []
        for job in jobs {
            for charge in job.charges { if case .unopened(let key) = charge.target { keys.insert(key) } }
        }
        return keys
    }
}
