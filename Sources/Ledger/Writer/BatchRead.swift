import Accounting
import Postgres

/// The read phase of a batch: the statements at the beginning of its transaction. They take the batch's locks, add
/// missing users and windows, and read the rows of the batch's holds, users and windows and, if asked for, of its entry
/// keys. All statements take one round trip together.
struct BatchRead {
    private(set) var statements: [SQL] = []
    /// The months that this transaction has locked against their close.
    private let months: [CalendarMonth]
    private let opening: WindowRows.Opening?
    private var state = 0
    private var disputes: Int?
    private var keys: Int?
    private var extensions: Int?
    private var ends: Int?
    private var people: Int?
    private var windows: Int?
    private let sought: NamedRows
    private var lost: Int?
    private let asksForSums: Bool

    init(_ batch: WriteBatch, asksForKeys: Bool, asksForSums: Bool) {
        self.asksForSums = asksForSums
        months = batch.bookingMonths(closed: batch.configuration.closedMonths).sorted()
        opening = WindowRows.Opening(batch.unopenedWindows)
        sought = batch.unknownRows
        ask(Self.lock(batch, months))
        // Read before the users: if one is erased in between, the next batch reads its users anew.
        state = ask(Self.state(batch, months))
        askForPeople(batch)
        if let opening {
            ask(opening.insert)
            windows = ask(opening.select)
        }
        if sought.count > 0 { lost = ask(Self.lost(of: sought)) }
        if asksForKeys {
            // Before the keys, so that they are those that stand once the disputes are locked.
            if let lock = Self.lock(disputes: batch.acceptedDisputes) { disputes = ask(lock) }
            if let wanted = Self.keys(of: batch.postings) { keys = ask(wanted) }
        }
        let expiring = batch.expiringHoldIDs
        if !expiring.isEmpty {
            ask(HoldExtensions.lock(makers: Set(expiring.map(\.replicaID))))
            extensions = ask(HoldExtensions.left(of: expiring))
        }
        let holds = batch.holdIDs
        if !holds.isEmpty { ends = ask(Self.ends(holds)) }
    }

    /// The database was restored from a backup and lacks what this replica has committed before.
    struct LostPast: Error {}

    /// Names of users were taken out of their rows since the batch's users were read.
    struct UsersChanged: Error {
        let version: Int64
    }

    /// Months that the entries go to may not be there yet, because others were closed meanwhile.
    struct MonthsMissing: Error {
        let months: Set<CalendarMonth>
    }

    @discardableResult private mutating func ask(_ statement: SQL) -> Int {
        statements.append(statement)
        return statements.count - 1
    }

    private mutating func askForPeople(_ batch: WriteBatch) {
        let names = batch.unknownPeople
        guard !names.isEmpty else { return }
        ask("INSERT INTO person (name) SELECT unnest(\(names)) ON CONFLICT DO NOTHING")
        people = ask("SELECT name, user_id FROM person WHERE name = ANY(\(names))")
    }

    /// Decodes the answers into the read set of the batch.
    func readSet(_ rows: [Rows], _ batch: WriteBatch, _ transaction: borrowing Transaction) throws -> BatchReadSet {
        let (isPastKnown, closed, rowType, usersVersion) = try rows[state][0].decode(
            (Bool, [CalendarDay], Int64, Int64).self)
        guard isPastKnown else { throw LostPast() }
        var known = BatchReadSet()
        known.rowType = UInt32(truncatingIfNeeded: rowType)
        known.users = batch.users
        if usersVersion != batch.users.version {
            if !batch.users.ids.isEmpty { throw UsersChanged(version: usersVersion) }
            known.users.forgetAll(asOf: usersVersion)
        }
        if let people {
            for row in rows[people] {
                let (name, id) = try row.decode((String, Int64).self)
                known.users.ids[name] = id
            }
        }
        if let windows, let opening { known.windowIDs = try opening.ids(rows[windows]) }
        known.sought = sought
        if let lost { try findLost(rows[lost], batch, &known, transaction) }
        if let disputes { known.openDisputes = try Set(rows[disputes].map { try $0.decode(at: 0) }) }
        if let keys {
            known.keys = try Self.decodeKeys(rows[keys])
            known.replaceable = try ReplaceableEntry.read(batch.replaced(known.keys), batch, transaction)
        }
        if let extensions { known.extensions = try HoldExtensions.decodeLeft(rows[extensions]) }
        if let ends {
            for row in rows[ends] {
                let (replica, number, how) = try row.decode((Int64, Int64, String).self)
                known.ends[HoldID(replicaID: replica, number: number)] = HoldEnd(rawValue: how)
            }
        }
        known.closedMonths = batch.configuration.closedMonths
        try lockMonths(after: closed, batch, &known, transaction)
        if asksForSums { known.sums = try BatchSums(of: batch, known, transaction) }
        return known
    }

    /// Finds the windows that have the budgets and spans of lost ones.
    private func findLost(
        _ rows: Rows, _ batch: WriteBatch, _ known: inout BatchReadSet, _ transaction: borrowing Transaction
    ) throws {
        for row in rows {
            let (kind, id) = try row.decode((Int64, Int64).self)
            switch kind {
            case 0: known.lost.windows.insert(id)
            case 1: known.lost.prices.insert(id)
            default: known.lost.agreements.insert(id)
            }
        }
        guard !known.lost.windows.isEmpty else { return }
        let found = try WindowRows.open(batch.keys(ofWindows: known.lost.windows), transaction)
        known.windowIDs.merge(found) { $1 }
    }

    /// Entries of a month that was closed meanwhile are booked into a later month. Locks those later months too.
    private func lockMonths(
        after closed: [CalendarDay], _ batch: WriteBatch, _ known: inout BatchReadSet,
        _ transaction: borrowing Transaction
    ) throws {
        var locked = Set(months)
        var closed = closed
        while true {
            known.closedMonths.formUnion(closed.map(\.month))
            var months = batch.bookingMonths(closed: known.closedMonths)
            for entry in known.replaceable.values {
                months.insert(WriteBatch.bookingMonth(on: batch.day(of: entry.reversal), closed: known.closedMonths))
            }
            let wanted = months.subtracting(locked).sorted()
            if wanted.isEmpty { return }
            if !batch.knownMonths.isSuperset(of: wanted) { throw MonthsMissing(months: months) }
            try transaction.execute(Self.lock(batch, wanted))
            closed = try transaction.query("SELECT \(sql: Self.closed(of: wanted))")[0].decode(at: 0)
            locked.formUnion(wanted)
        }
    }
}

extension BatchRead {
    /// Runs one batch of a replica at a time, so that a batch that is sent again waits until its first attempt has
    /// ended.
    static func lock(_ batch: WriteBatch) -> SQL {
        "SELECT pg_advisory_xact_lock(\(AdvisoryLock.batch.rawValue), \(Int32(truncatingIfNeeded: batch.replicaID)))"
    }

    /// Takes the batch's lock as well as those of months against their close.
    private static func lock(_ batch: WriteBatch, _ months: [CalendarMonth]) -> SQL {
        let numbers = months.map { Int32($0.number) }
        return """
            \(sql: lock(batch)), pg_advisory_xact_lock_shared(\(AdvisoryLock.month.rawValue), number)
            FROM (SELECT) AS one LEFT JOIN unnest(\(numbers)) AS number ON true
            """
    }

    /// Locks the disputes that are still open, so that each is decided once.
    private static func lock(disputes numbers: [Int64]) -> SQL? {
        if numbers.isEmpty { return nil }
        return """
            SELECT disputed_id FROM disputed WHERE disputed_id = ANY(\(numbers)) AND state = 'open'
            ORDER BY disputed_id FOR UPDATE
            """
    }

    /// What the transaction must know once it has its locks: whether the batch before this one is there (or, before the
    /// first, the replica itself), which of the months are closed, the oid of the ledger's row type, and how often the
    /// names of users have changed.
    private static func state(_ batch: WriteBatch, _ months: [CalendarMonth]) -> SQL {
        let past: SQL =
            batch.number > 1
            ? "SELECT FROM batch WHERE replica_id = \(batch.replicaID) AND number = \(batch.number - 1)"
            : "SELECT FROM replica WHERE replica_id = \(batch.replicaID)"
        return """
            SELECT EXISTS (\(sql: past)), \(sql: closed(of: months)), 'ledger'::regtype::oid::bigint, users_version
            FROM deployment
            """
    }

    /// Reads which rows are lost. Each is looked up by its key, however many there are.
    private static func lost(of sought: NamedRows) -> SQL {
        """
        SELECT 0::bigint, id FROM unnest(\(sought.windows.sorted())) AS id
        WHERE (SELECT true FROM budget_window WHERE window_id = id) IS NULL
        UNION ALL SELECT 1, id FROM unnest(\(sought.prices.sorted())) AS id
        WHERE (SELECT true FROM price WHERE price_id = id) IS NULL
            AND (SELECT true FROM agreement_rate WHERE price_id = id) IS NULL
        UNION ALL SELECT 2, id FROM unnest(\(sought.agreements.sorted())) AS id
        WHERE (SELECT true FROM agreement WHERE agreement_id = id) IS NULL
        """
    }

    private static func closed(of months: [CalendarMonth]) -> SQL {
        "ARRAY(SELECT month FROM month WHERE month = ANY(\(months.map(\.firstDay))) AND state = 'closed')"
    }

    /// Reads which ids are claimed: those of postings, and those of events within their team. The team of an event is read
    /// only where its content is another.
    static func keys(of postings: some Sequence<Posting>) -> SQL? {
        var wanted: [(key: EntryKey, digest: [UInt8], isEvent: Bool)] = []
        for posting in postings {
            let keyOfTeam = posting.entry.keyOfTeam
            wanted.append((posting.key, posting.digest, keyOfTeam != nil))
            if let keyOfTeam { wanted.append((keyOfTeam, posting.digest, false)) }
        }
        guard !wanted.isEmpty else { return nil }
        return """
            SELECT k.owner, k.id, k.said_digest, k.digest, k.entry_id, k.cost_nanodollars, k.overrun_nanodollars, k.model,
                k.is_estimated, CASE WHEN w.is_event AND k.said_digest IS DISTINCT FROM w.digest
                    THEN (SELECT team FROM ledger WHERE entry_id = k.entry_id LIMIT 1) END
            FROM unnest(\(wanted.map(\.key.owner)), \(wanted.map(\.key.id)), \(wanted.map(\.digest)),
                \(wanted.map(\.isEvent))) AS w(owner, id, digest, is_event)
            JOIN entry_key k ON k.owner = w.owner AND k.id = w.id
            """
    }

    static func decodeKeys(_ rows: Rows) throws -> [EntryKey: BatchReadSet.Key] {
        var keys: [EntryKey: BatchReadSet.Key] = [:]
        for row in rows {
            let (owner, id, said, resolved, entryID, cost, overrun, model, isEstimated, team) = try row.decode(
                (String, String, [UInt8]?, [UInt8], Int64, Int64?, Int64, String, Bool, String?).self)
            let receipt = Receipt(
                entryID: entryID, cost: cost.map(Money.init(nanodollars:)), overrun: Money(nanodollars: overrun),
                model: model)
            // If events of two teams ask for one id, the row comes twice: for one of them perhaps without the team.
            let key = EntryKey(owner: owner, id: id)
            if team == nil, keys[key] != nil { continue }
            keys[key] = BatchReadSet.Key(
                said: said, resolved: resolved, receipt: receipt, team: team, isEstimated: isEstimated)
        }
        return keys
    }

    private static func ends(_ holds: [HoldID]) -> SQL {
        """
        SELECT e.replica_id, e.hold_number, e.how
        FROM unnest(\(holds.map(\.replicaID)), \(holds.map(\.number))) AS w(replica_id, hold_number)
        JOIN hold_end e ON e.replica_id = w.replica_id AND e.hold_number = w.hold_number
        """
    }
}
