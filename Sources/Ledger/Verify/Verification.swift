import Accounting
import Postgres
import Wording

/// Checks that the ledger is complete and unaltered, and that all figures finance reads are sums of it.
///
/// The ledger is read in ranges, each in a short snapshot. What changes all the time (windows and leases) is compared in
/// one last snapshot, up to which everything has been read. So a verification of hours keeps nobody from removing old
/// rows.
package enum Verification {
    package enum Extent: Sendable {
        /// The whole ledger, from its first entry.
        case everything
        /// What was recorded since the last verification that found everything right, and the sums of those days.
        case sinceCheckpoint
    }

    /// The last snapshot has to read no more batches than this, unless more are written all the time.
    private static let lastBatches: Int64 = 200

    /// - Parameter entriesAtOnce: about how many entries are read in one snapshot.
    package static func run(
        _ connection: Connection, _ extent: Extent = .everything, entriesAtOnce: Int64 = 10_000
    ) throws -> VerificationReport {
        let (checkpoint, detached, begun) = try snapshot(connection) { transaction in
            let checkpoint = try VerificationCheckpoint(transaction)
            let detached = try DetachedMonths(transaction)
            let start = extent == .everything ? nil : checkpoint
            var walk = try LedgerWalk(
                from: start?.positions ?? [:],
                start == nil ? WindowCharges(transaction) : WindowCharges(verified: transaction), detached,
                entriesAtOnce: entriesAtOnce, transaction)
            if let checkpoint { try walk.checkAnchors(checkpoint.positions, checkpoint.verifiedAt, transaction) }
            return (checkpoint, detached, walk)
        }
        let isWhole = extent == .everything || checkpoint == nil
        var walk = begun
        try catchUp(&walk, connection)
        let (windows, leases, readAt) = try snapshot(connection) { transaction in
            for (replica, _) in try LedgerWalk.ends(transaction) {
                while try walk.read(replica, transaction) > 0 {}
            }
            try walk.checkStrays(transaction)
            let now: Timestamp = try transaction.query("SELECT now()")[0].decode(at: 0)
            return (try walk.charges.check(detached, transaction), try self.leases(transaction), now)
        }
        let keys = isWhole ? try allKeys(walk.keys, detached, connection) : walk.keys.result
        var (daily, detailed, meters) = (DailySumCheck(), FoldedSumCheck.details, FoldedSumCheck.meters)
        try sums(of: walk, isWhole: isWhole, detached, connection) { month, before, day, transaction in
            try daily.check(month, after: before, to: day, transaction)
            try detailed.check(month, after: before, to: day, transaction)
            try meters.check(month, after: before, to: day, transaction)
        }
        if isWhole {
            daily.noteDetached(detached)
            detailed.noteDetached(detached)
            meters.noteDetached(detached)
        }
        let warnings = try warningSums(of: walk, isWhole: isWhole, detached, connection)
        let credits = try self.credits(isWhole: isWhole, connection)
        var months = ClosedMonthCheck()
        try months.check(readsEntries: isWhole, detached, connection)
        let checks = [
            walk.chain, walk.costs.result, daily.result, detailed.result, meters.result, warnings, windows, leases,
            keys, credits,
            months.result,
        ]

        var text = Self.text(walk, readAt, since: isWhole ? nil : checkpoint)
        let isRecovering: Bool = try connection.query("SELECT pg_is_in_recovery()")[0].decode(at: 0)
        if !checks.allSatisfy(\.problems.isEmpty) {
            text += " The checkpoint stays where it was."
        } else if isRecovering {
            text += " A standby keeps no checkpoint."
        } else if try !VerificationCheckpoint.store(
            walk, readAt: readAt, after: checkpoint, isWhole: isWhole, connection)
        {
            text += " Another verification has kept its checkpoint meanwhile."
        }
        return VerificationReport(checks: checks, extent: text)
    }

    private static func snapshot<Value>(
        _ connection: Connection, _ body: (borrowing Transaction) throws -> Value
    ) throws -> Value {
        try connection.transaction(isolation: .repeatableRead, readOnly: true, body)
    }

    /// Reads all chains, again and again, until little is written while it reads, or no less than the time before.
    private static func catchUp(_ walk: inout LedgerWalk, _ connection: Connection) throws {
        var left = Int64.max
        while true {
            let ends = try snapshot(connection, LedgerWalk.ends)
            let missing = ends.reduce(0) { $0 + $1.number - walk.batchNumber(of: $1.replica) }
            if missing <= lastBatches || missing >= left { return }
            left = missing
            for (replica, number) in ends {
                while walk.batchNumber(of: replica) < number,
                    try snapshot(connection, { try walk.read(replica, $0) }) > 0
                {}
            }
        }
    }

    private static func leases(_ transaction: borrowing Transaction) throws -> IntegrityCheck {
        var check = IntegrityCheck("what windows have leased is what replicas hold")
        check.checked = Int(try transaction.query("SELECT count(*) FROM lease")[0].decode(Int64.self, at: 0))
        let rows = try transaction.query(
            """
            SELECT 'window ' || w.window_id || ' has ' || w.leased || ' leased, its leases ' || COALESCE(l.amount, 0)
            FROM window_total w LEFT JOIN (SELECT window_id, sum(amount) AS amount FROM lease GROUP BY 1) l USING (window_id)
            WHERE w.leased <> COALESCE(l.amount, 0)
            LIMIT \(IntegrityCheck.limit)
            """)
        for row in rows { check.note(try row.decode(String.self, at: 0)) }
        return check
    }

    private static func allKeys(
        _ keys: KeyCheck, _ detached: DetachedMonths, _ connection: Connection
    ) throws -> IntegrityCheck {
        var keys = keys
        var place: KeyCheck.Place? = KeyCheck.Place()
        while let after = place {
            place = try snapshot(connection) { try keys.checkKeys(after: after, detached, $0) }
        }
        keys.finish(detached)
        return keys.result
    }

    /// Checks sums of days by the days of the booking months, in snapshots of their own: all of them, or those that the walk
    /// has read. `check` gets a month and the days after one up to another.
    private static func sums(
        of walk: LedgerWalk, isWhole: Bool, _ detached: DetachedMonths, _ connection: Connection,
        _ check: (CalendarDay, CalendarDay?, CalendarDay?, borrowing Transaction) throws -> Void
    ) throws {
        guard isWhole else {
            for booked in walk.days.sorted(by: { ($0.bookingMonth, $0.day) < ($1.bookingMonth, $1.day) }) {
                let before = CalendarDay(daysSince1970: booked.day.daysSince1970 - 1)
                try snapshot(connection) { try check(booked.bookingMonth, before, booked.day, $0) }
            }
            return
        }
        for month in try snapshot(connection, DailySumCheck.months) where !detached.months.contains(month) {
            let days: [CalendarDay?] = try snapshot(connection) { try DailySumCheck.days(of: month, $0) }
            var before: CalendarDay?
            for day in days + [nil] {
                try snapshot(connection) { try check(month.firstDay, before, day, $0) }
                before = day
            }
        }
    }

    private static func warningSums(
        of walk: LedgerWalk, isWhole: Bool, _ detached: DetachedMonths, _ connection: Connection
    ) throws -> IntegrityCheck {
        var check = WarningSumCheck()
        let months =
            try isWhole
            ? snapshot(connection, DailySumCheck.months).filter { !detached.months.contains($0) }.map(\.firstDay)
            : Set(walk.days.map(\.bookingMonth)).sorted()
        for month in months { try snapshot(connection) { try check.check(month, $0) } }
        if isWhole { check.noteDetached(detached) }
        return check.result
    }

    private static func credits(isWhole: Bool, _ connection: Connection) throws -> IntegrityCheck {
        var check = CreditCheck()
        try snapshot(connection) { try check.check($0) }
        guard isWhole else { return check.result }
        let months = try connection.query("SELECT DISTINCT booking_month FROM credit_day ORDER BY 1")
        for month in months {
            let month = try month.decode(CalendarDay.self, at: 0).month
            try snapshot(connection) { try check.checkKeptDays(month, $0) }
        }
        return check.result
    }

    private static func text(
        _ walk: LedgerWalk, _ moment: Timestamp, since checkpoint: VerificationCheckpoint?
    ) -> String {
        let time = Phrase.time(Phrase.withoutFraction(moment.description))
        let batches = Phrase.count(walk.chain.checked, "batch", "batches")
        let replicas = Phrase.count(walk.positions.count, "replica")
        guard let checkpoint else { return "Read from the beginning to \(time): \(batches) of \(replicas)." }
        let since = Phrase.time(Phrase.withoutFraction(checkpoint.verifiedAt.description))
        let whole = Phrase.time(Phrase.withoutFraction(checkpoint.wholeAt.description))
        return "Read from \(since) to \(time): \(batches). The last verification from the beginning was at \(whole)."
    }
}
