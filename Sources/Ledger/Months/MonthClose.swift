import Accounting
import JSON
import Postgres

/// Closes the months through one, in order, each after its checks.
///
/// A month closes in two steps, so that no writer waits long. The first, a short transaction that takes the lock of the
/// month's writers alone, makes it closed: what comes from then on is booked later. The second reads all of the month and
/// writes its statement. If a server stops between them, the next close of the month goes on with the second.
package struct MonthClose: Sendable {
    package let month: CalendarMonth
    private let author: String
    /// Why the month closes although a check has failed; nil: it does not.
    private let force: String?
    private let reports: ReportCatalog
    private let unallocatedPercent: Int64

    /// - Parameter force: why the months may close past failed checks; nil if they may not.
    package init(
        through month: CalendarMonth, by author: String, force: String? = nil, reports: ReportCatalog,
        unallocatedPercent: Int64
    ) {
        (self.month, self.author, self.force, self.reports) = (month, author, force, reports)
        self.unallocatedPercent = unallocatedPercent
    }

    /// A month that must close before the close is done.
    private struct Due: Sendable {
        let month: CalendarMonth
        let isOpen: Bool
        /// A month without bookings has nothing to check.
        let hasBookings: Bool
    }

    /// What was found of one month.
    package struct Finding: Sendable {
        package let month: CalendarMonth
        package let checks: [MonthCheck]
    }

    /// A check of a month has failed, so neither that month nor a later one was closed.
    package struct NotReady: Error, Sendable {
        package let finding: Finding
    }

    /// Looks at all months that would close, and closes none.
    package func dryRun(_ database: Database) async throws -> [Finding] {
        var findings: [Finding] = []
        for due in try await due(database) where due.isOpen && due.hasBookings {
            findings.append(Finding(month: due.month, checks: try await checks(of: due.month, database)))
        }
        return findings
    }

    /// Closes what is due. Returns the version of the configuration that has the closed months; nil if none was open.
    package func run(_ database: Database) async throws -> Int64? {
        var version: Int64?
        for due in try await due(database) {
            if due.isOpen {
                let checks = due.hasBookings ? try await checks(of: due.month, database) : []
                if checks.haveFailed, force == nil {
                    throw NotReady(finding: Finding(month: due.month, checks: checks))
                }
                let closed = try await database.run { try shut(due.month, checks, $0) }
                version = closed ?? version
            }
            try await state(due, database)
        }
        return version
    }

    private func due(_ database: Database) async throws -> [Due] {
        try await database.read { connection in
            let zone = try ConfigurationStore.accountingZone(connection)
            let current = zone.day(at: SystemClock.wallTime()).month
            guard month < current else {
                throw StoreFailure.invalid(pointer: "/month", detail: "is not over: it is \(current) in \(zone.name)")
            }
            guard try MonthRecord.find(month, connection) != nil else {
                throw StoreFailure.notFound("The ledger has no \(month).")
            }
            return try connection.query(
                """
                SELECT m.month, m.state = 'open', EXISTS (SELECT FROM rollup r WHERE r.booking_month = m.month)
                FROM month m WHERE m.month <= \(month.firstDay) AND (m.state = 'open' OR EXISTS (
                    SELECT FROM month_close c WHERE c.month = m.month AND c.statement IS NULL
                        AND NOT EXISTS (SELECT FROM month_reopening r WHERE r.month = c.month AND r.version = c.version)))
                ORDER BY 1
                """
            ).map { row in
                let (day, isOpen, hasBookings) = try row.decode((CalendarDay, Bool, Bool).self)
                return Due(month: day.month, isOpen: isOpen, hasBookings: hasBookings)
            }
        }
    }

    private func checks(of month: CalendarMonth, _ database: Database) async throws -> [MonthCheck] {
        try await database.read { connection in
            let zone = try ConfigurationStore.accountingZone(connection)
            let checked = CheckedMonth(
                month: month, now: SystemClock.wallTime(),
                span: zone.start(of: month.firstDay)..<zone.start(of: month.next.firstDay),
                unallocatedPercent: unallocatedPercent)
            return try MonthCheck.all(of: checked, connection)
        }
    }

    /// The first step. Returns the version of the configuration that has the month closed; nil if another close was first.
    func shut(_ month: CalendarMonth, _ checks: [MonthCheck], _ connection: Connection) throws -> Int64? {
        try connection.transaction { transaction in
            // First, so that all that was booked before was committed before the close says when it was.
            try transaction.execute(
                "SELECT pg_advisory_xact_lock(\(AdvisoryLock.month.rawValue), \(Int32(month.number)))")
            let isForced = checks.haveFailed
            let closed = try transaction.execute(
                """
                INSERT INTO month_close (month, version, closed_by, forced, reason, checks)
                SELECT month, 1 + (SELECT count(*) FROM month_reopening r WHERE r.month = m.month), \(author), \(isForced),
                    \(isForced ? force : nil), \(MonthCheck.list(checks))::jsonb
                FROM month m WHERE month = \(month.firstDay) AND state = 'open'
                """)
            return closed > 0 ? try ConfigurationStore.bump(transaction) : nil
        }
    }

    /// The second step.
    private func state(_ due: Due, _ database: Database) async throws {
        let facts = try await database.read { connection in
            try MonthFacts(due.month, ofTeams: due.hasBookings, reports, connection)
        }
        guard let facts else { return }
        try await database.run { try facts.store($0) }
    }
}

extension MonthCheck {
    /// Checks as they are stored.
    fileprivate static func list(_ checks: [MonthCheck]) -> String {
        var writer = JSONWriter(capacity: 1_024)
        writer.array(checks) { writer, check in writer.object { check.write(to: &$0) } }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
