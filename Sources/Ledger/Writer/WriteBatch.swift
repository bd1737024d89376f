import Accounting
import Postgres

/// One transaction of the writer.
///
/// The transaction reads what PostgreSQL has of the batch's holds and ids (`BatchRead`), computes the disposition of
/// each job in memory (`BatchResult`), and writes everything.
///
/// Ids are nearly always new. So the transaction reads them only if the unique key has refused one, or if the previous
/// batch met an id that existed. If another replica claims one of the same ids or holds between read and write, the
/// write fails as a lost race, and the next attempt sees what the other replica did.
///
/// All transactions take locks in one order, each kind sorted, so that replicas may wait for each other but never
/// deadlock: months, users (table `person`), windows that are opened, disputes that are accepted, the makers of holds that
/// expire, keys, hold outcome rows, leases, windows, daily sums, verdict counts, pages of the verdict log.
package struct WriteBatch: Sendable {
    package let replicaID: Int64
    package let number: Int64
    /// The entry of the job at `index` has this number plus `index`. After the entries of all jobs come those that take back
    /// what they replace, in the same order.
    let firstEntryNumber: Int64
    let previousHash: [UInt8]
    package let jobs: [LedgerJob]
    let verdictNotes: VerdictNotes
    let configuration: Configuration
    /// Whether the previous batch met an id that existed already. This batch then probably does too.
    let expectsRepeats: Bool
    /// Whether the previous batch had an entry that did not fit in a sum. This batch then probably has one too.
    let expectsOverflow: Bool
    /// Whether other replicas have lately changed the same windows and daily sums.
    var sharesRows: Bool
    var users: KnownUsers
    /// Rows that are there as long as the batch before this one is: that batch, or one before it, has seen them.
    let knownRows: NamedRows
    var knownMonths: Set<CalendarMonth>

    mutating func commit(on connection: Connection, mayBeCommitted: Bool) throws -> CommittedBatch {
        // First look for an earlier attempt that was committed. Nothing of the batch may be refused before that.
        if mayBeCommitted {
            do {
                if let found = try CommitOutcomeCheck.find(self, on: connection) { return found }
            } catch let error as PostgresError {
                throw CommitOutcomeCheck.Failure(cause: error)
            }
        }
        try ensure(bookingMonths(closed: configuration.closedMonths), connection)
        // What is accepted in place of an entry has an id that is taken. And where a feature was moved, the id says no longer
        // by itself which key has it.
        let needsKeys = postings.contains { $0.entry.accepts != nil || $0.isEventOfMovedFeature }
        var (asksForKeys, asksForSums) = (expectsRepeats || needsKeys, expectsOverflow)
        while true {
            do {
                return try write(
                    on: connection,
                    // What has an id already may need no room, and what takes the place of an entry needs less.
                    BatchRead(self, asksForKeys: asksForKeys || asksForSums, asksForSums: asksForSums))
            } catch let changed as BatchRead.UsersChanged {
                users.forgetAll(asOf: changed.version)
            } catch let missing as BatchRead.MonthsMissing {
                try ensure(missing.months, connection)
            } catch let error as PostgresError where error.isKeyThere && !asksForKeys {
                // An id exists already. Write again, and this time read which ids exist.
                asksForKeys = true
            } catch let error as PostgresError where error.isOutOfRange && !asksForSums {
                // A sum does not fit. Write again, and this time find out which entries it has no room for.
                asksForSums = true
            }
        }
    }

    private mutating func write(on connection: Connection, _ look: BatchRead) throws -> CommittedBatch {
        // The transaction's closure must not change `self`, so that a failed attempt leaves nothing behind.
        let (committed, users) = try connection.briefTransaction(first: look.statements) { transaction, rows in
            let known = try look.readSet(rows, self, transaction)
            return BatchResult(self, knowing: known).write(known)
        }
        self.users = users
        return committed
    }

    /// The rows that the jobs name and no batch before this one has seen.
    package var unknownRows: NamedRows { NamedRows(in: jobs, besides: knownRows) }

    private mutating func ensure(_ months: Set<CalendarMonth>, _ connection: Connection) throws {
        for month in months.subtracting(knownMonths).sorted() {
            try connection.execute("SELECT ensure_month(\(month.firstDay))")
            knownMonths.insert(month)
        }
    }
}

extension PostgresError {
    /// A batch of this replica with this number exists: an earlier attempt was committed after all.
    var isBatchThere: Bool { constraintName == "batch_pkey" }

    /// Another replica has claimed an id of the batch or ended one of its holds since the batch read them.
    var isClaimedMeanwhile: Bool { isKeyThere || constraintName == "hold_end_pkey" }

    /// An id of the batch was claimed before.
    fileprivate var isKeyThere: Bool { constraintName == "entry_key_pkey" }

    /// A number is too large for its column.
    fileprivate var isOutOfRange: Bool { sqlState == SQLState.numericValueOutOfRange }
}

// What the batch contains.
extension WriteBatch {
    func entryID(ofJob index: Int) -> Int64 { EntryID.first(of: replicaID) - 1 + firstEntryNumber + Int64(index) }

    func entryID(ofReversalByJob index: Int) -> Int64 { entryID(ofJob: jobs.count + index) }

    func day(of posting: Posting) -> CalendarDay { configuration.accountingZone.day(at: posting.entry.occurredAt) }

    var postings: some Sequence<Posting> {
        jobs.lazy.compactMap(\.posting)
    }

    /// The numbers of the disputes that the batch accepts.
    var acceptedDisputes: [Int64] { postings.compactMap { $0.entry.accepts?.disputeNumber } }

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

    func rollupKey(of posting: Posting, closed: Set<CalendarMonth>) -> RollupKey {
        let day = day(of: posting)
        return RollupKey(posting, day: day, month: Self.bookingMonth(on: day, closed: closed))
    }

    /// The ids of the usage that the batch records. Asked for only where holds become estimated entries: such an entry and the
    /// usage of its call are never in one batch.
    var reportedKeys: Set<EntryKey> {
        guard jobs.contains(where: { if case .estimate = $0 { true } else { false } }) else { return [] }
        return Set(jobs.compactMap { if case .record(let posting, _) = $0 { posting.key } else { nil } })
    }

    var holdIDs: [HoldID] { jobs.compactMap { $0.hold?.id } }

    /// The holds that the batch lets expire, unless they were given more time.
    package var expiringHoldIDs: [HoldID] {
        jobs.compactMap { $0.how == .expired ? $0.hold?.id : nil }
    }

    /// The names of users whose id is not known yet, sorted.
    var unknownPeople: [String] {
        var names: Set<String> = []
        for posting in postings {
            if let user = posting.entry.who.user, users.ids[user] == nil { names.insert(user) }
        }
        for page in verdictNotes.pages { names.formUnion(page.users.lazy.filter { users.ids[$0] == nil }) }
        return names.sorted()
    }

    /// The windows that the jobs name by their ids, sorted.
    package var chargedWindowIDs: [Int64] {
        var ids: Set<Int64> = []
        for case .window(let id) in jobs.lazy.flatMap(\.charges).map(\.target) { ids.insert(id) }
        return ids.sorted()
    }

    /// What the charges of these windows are meant for.
    package func keys(ofWindows ids: Set<Int64>) -> Set<WindowKey> {
        var keys: Set<WindowKey> = []
        for charge in jobs.lazy.flatMap(\.charges) {
            if case .window(let id) = charge.target, ids.contains(id), let key = charge.key { keys.insert(key) }
        }
        return keys
    }

    var unopenedWindows: Set<WindowKey> {
        var keys: Set<WindowKey> = []
        for job in jobs {
            for charge in job.charges { if case .unopened(let key) = charge.target { keys.insert(key) } }
        }
        return keys
    }
}
