import Accounting
import Postgres

/// One transaction of the writer: keys, entries, terminal rows, leases, windows, rollups, alerts and the chain, touched
/// in that order and each sorted, so that two replicas wait for each other but never in a circle.
package struct WriteBatch: Sendable {
    package let replicaID: Int64
    package let number: Int64
    let previousHash: [UInt8]
    package var jobs: [LedgerJob]
    let tallies: [VerdictTally]
    let configuration: Configuration
    var userIDs: [String: Int64]
    var knownMonths: Set<CalendarMonth>

    /// Namespaces of PostgreSQL's advisory locks.
    enum Lock {
        /// One batch of a replica at a time, so that a batch sent again waits for its first attempt to end.
        static let batch: Int32 = 7213
        /// Shared by writers that book into a month, taken alone by its close.
        static let month: Int32 = 7214
    }

    mutating func commit(on connection: Connection, mayBeCommitted: Bool) throws -> CommittedBatch {
        // An attempt that came as far as its commit had them; nothing may be refused before it is looked for.
        if !mayBeCommitted { try ensureMonths(connection) }
        // The closure of a transaction must not change self: an attempt that fails leaves nothing behind.
        var attempt = self
        let committed = try connection.transaction { transaction in
            try attempt.write(transaction, mayBeCommitted: mayBeCommitted)
        }
        self = attempt
        return committed
    }

    private mutating func write(_ transaction: borrowing Transaction, mayBeCommitted: Bool) throws -> CommittedBatch {
        try transaction.execute(
            "SELECT pg_advisory_xact_lock(\(Lock.batch), \(Int32(truncatingIfNeeded: replicaID)))")
        if mayBeCommitted, let hash = try committedHash(transaction) {
            return try BatchResult(batch: self, findingIn: transaction, hash: hash).committed
        }
        try bookMonths(transaction)
        var result = BatchResult(batch: self)
        try result.writeKeys(transaction)
        try result.writeDisputed(transaction)
        try resolveUsers(transaction, result.accepted)
        for index in result.accepted { result.entries[index]!.userID = userID(of: result.entries[index]!) }
        try result.openWindows(transaction)
        try result.writeEntries(transaction)
        try result.writeEnds(transaction)
        try result.writeLeases(transaction)
        try result.writeWindows(transaction)
        try result.writeRollups(transaction)
        try result.writeTallies(transaction)
        try result.writeAlerts(transaction)
        try result.writeChain(transaction)
        return result.committed
    }

    /// The lock makes this transaction one that writes, so that its own commit waits until a synchronous standby has all
    /// up to here: the batch may be on one node only, where the wait of its commit was cut short.
    private func committedHash(_ transaction: borrowing Transaction) throws -> [UInt8]? {
        try transaction.query(
            "SELECT hash FROM batch WHERE replica_id = \(replicaID) AND number = \(number) FOR UPDATE"
        ).first?.decode(at: 0)
    }

    // MARK: Months

    private mutating func ensureMonths(_ connection: Connection) throws {
        for month in Set(bookingMonths(closed: configuration.closedMonths)).subtracting(knownMonths) {
            try connection.execute("SELECT ensure_month(\(month.firstDay))")
            knownMonths.insert(month)
        }
    }

    private func bookingMonths(closed: Set<CalendarMonth>) -> [CalendarMonth] {
        jobs.compactMap { job in
            guard case .record(let entry, _, _) = job else { return nil }
            var month = entry.day.month
            while closed.contains(month) { month = month.next }
            return month
        }
    }

    /// Share-locks the months this batch books into and moves entries out of those that have been closed meanwhile.
    private mutating func bookMonths(_ transaction: borrowing Transaction) throws {
        var closed = configuration.closedMonths
        var locked: Set<CalendarMonth> = []
        while true {
            let wanted = Set(bookingMonths(closed: closed)).subtracting(locked).sorted()
            if wanted.isEmpty { break }
            let numbers = wanted.map { Int32($0.number) }
            try transaction.execute(
                "SELECT pg_advisory_xact_lock_shared(\(Lock.month), number) FROM unnest(\(numbers)) AS number")
            for row in try transaction.query(
                "SELECT month FROM month WHERE month = ANY(\(wanted.map(\.firstDay))) AND state = 'closed'")
            {
                closed.insert(try row.decode(CalendarDay.self, at: 0).month)
            }
            locked.formUnion(wanted)
        }
        let months = bookingMonths(closed: closed)
        var next = 0
        for index in jobs.indices {
            guard case .record(var entry, let digest, let charges) = jobs[index] else { continue }
            entry.bookingMonth = months[next]
            next += 1
            jobs[index] = .record(entry, digest: digest, charges: charges)
        }
    }

    // MARK: Users

    private func userID(of entry: LedgerEntry) -> Int64? { entry.who.user.flatMap { userIDs[$0] } }

    private mutating func resolveUsers(_ transaction: borrowing Transaction, _ accepted: [Int]) throws {
        let names = Set(
            accepted.compactMap { index -> String? in
                guard case .record(let entry, _, _) = jobs[index], let user = entry.who.user, userIDs[user] == nil
                else { return nil }
                return user
            }
        ).sorted()
        guard !names.isEmpty else { return }
        try transaction.execute("INSERT INTO person (name) SELECT unnest(\(names)) ON CONFLICT DO NOTHING")
        for row in try transaction.query("SELECT name, user_id FROM person WHERE name = ANY(\(names))") {
            let (name, id) = try row.decode((String, Int64).self)
            userIDs[name] = id
        }
    }
}
