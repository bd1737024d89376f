import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("A batch") struct WriteBatchTests {
    @Test("says how long others had its windows", arguments: [true, false])
    func lockWait(sharesRows: Bool) async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1_000_000)]) { fixture in
            let replica = try fixture.replica()
            _ = try await replica.hold("opens the window")
            let windowID: Int64 = try fixture.connect().query("SELECT window_id FROM budget_window")[0].decode(at: 0)
            let charge = WindowCharge(target: .window(windowID), isCounted: true, spent: 100, leaseRelease: 0)
            let job = LedgerJob.record(
                Posting(LedgerFixture.event("e", replica), isOccurredAtGiven: true), charges: [charge])
            var session = WriterSession(replicaID: replica.id)
            var batch = session.prepare([job], VerdictNotes(), replica.configuration)
            batch.sharesRows = sharesRows

            let other = try fixture.connect()
            try other.executeScript("BEGIN; SELECT FROM budget_window FOR UPDATE")
            async let commit = Task.detached { [batch] in
                var batch = batch
                return try batch.commit(on: try fixture.connect(), mayBeCommitted: false)
            }.value
            let waiting: SQL =
                "SELECT FROM pg_stat_activity WHERE query LIKE \("%FOR NO KEY UPDATE%") AND wait_event_type = 'Lock'"
            try await eventually { try !fixture.connect().query(waiting).isEmpty }
            let start = ContinuousClock.now
            try await Task.sleep(for: .milliseconds(50))
            let had = start.duration(to: .now)
            try other.executeScript("COMMIT")
            let committed = try await commit
            #expect(.microseconds(committed.lockWaitMicroseconds) >= had)
            #expect(committed.windows.map(\.spent) == [100])
            await replica.drain()
        }
    }

    @Test(
        "changes leases, windows and alerts alike, whether or not others may have the rows", arguments: [true, false])
    func charges(sharesRows: Bool) async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000, alertAt: [50])]) { fixture in
            let quiet = try fixture.withoutMaintenance()
            defer { withExtendedLifetime(quiet) {} }
            let replica = try fixture.replica()
            let hold = try await replica.hold("r", tokens: 600)
            let connection = try fixture.connect()
            let (windowID, leased) = try connection.query("SELECT window_id, leased FROM budget_window")[0].decode(
                (Int64, Int64).self)
            // Somebody has charged the window beside its row before.
            try connection.execute("INSERT INTO uncollected_charge VALUES (\(windowID), 0, 500, 500)")
            var entry = LedgerFixture.event("r", replica, tokens: 450)
            entry.hold = hold
            let charge = WindowCharge(target: .window(windowID), isCounted: true, spent: 4_500, leaseRelease: 6_000)
            var session = WriterSession(replicaID: replica.id)
            var batch = session.prepare(
                [.record(Posting(entry, isOccurredAtGiven: false), charges: [charge])], VerdictNotes(),
                replica.configuration)
            batch.sharesRows = sharesRows
            let committed = try batch.commit(on: fixture.connect(), mayBeCommitted: false)
            #expect(committed.windows.map(\.spent) == [5_000])
            #expect(committed.windows.map(\.leased) == [leased - 6_500])
            #expect(committed.didCrossThreshold && !committed.didMeetOthers)
            let row = try connection.query("SELECT spent, leased FROM budget_window")[0].decode((Int64, Int64).self)
            #expect(row == (4_500, leased - 6_000))
            #expect(try fixture.count("alert", where: "spent = 5000") == 1)
            #expect(try fixture.count("lease", where: "amount = \(leased - 6_000)") == 1)
        }
    }

    @Test("assumes others at its rows at first, and for some batches after it has met them")
    func sharing() {
        var session = WriterSession(replicaID: 1)
        func send(waitedMicroseconds: Int64 = 0, didMeetOthers: Bool = false) -> Bool {
            let batch = session.prepare([], VerdictNotes(), .empty)
            let committed = CommittedBatch(
                outcomes: [], endings: [], reopened: [], extended: [], replaced: [:], windows: [],
                didCrossThreshold: false,
                didMeetTakenIDs: false,
                didMeetOthers: didMeetOthers, seenRows: NamedRows(), lockWaitMicroseconds: waitedMicroseconds, hash: [])
            session.advance(past: committed, batch)
            return batch.sharesRows
        }
        let first = (0..<257).map { _ in send() }
        #expect(first == [Bool](repeating: true, count: 256) + [false])
        #expect([send(waitedMicroseconds: 400), send(waitedMicroseconds: 600), send()] == [false, false, true])
        for _ in 0..<255 { _ = send() }
        #expect([send(didMeetOthers: true), send()] == [false, true])
    }

    @Test(
        "books a call in its own month, or the first open one after it",
        arguments: [
            ("2026-10-31T23:59:59Z", "UTC", [], "2026-10"), ("2026-10-31T23:59:59Z", "UTC", ["2026-10"], "2026-11"),
            ("2026-11-01T00:00:00Z", "UTC", ["2026-10"], "2026-11"),
            ("2026-08-15T00:00:00Z", "UTC", ["2026-08", "2026-09", "2026-10"], "2026-11"),
            ("2026-08-15T00:00:00Z", "UTC", ["2026-08", "2026-10"], "2026-09"),
            ("2026-12-31T12:00:00Z", "UTC", ["2026-12"], "2027-01"),
            ("2026-10-31T23:30:00Z", "Europe/Berlin", [], "2026-11"),
            ("2026-11-01T02:00:00Z", "America/New_York", [], "2026-10"),
        ] as [(String, String, [String], String)])
    func booking(moment: String, zone: String, closed: [String], month: String) throws {
        let day = try #require(Zone(name: zone)).day(at: try #require(Timestamp(rfc3339: moment)))
        let closed = Set(closed.compactMap { CalendarMonth(text: $0) })
        #expect(WriteBatch.bookingMonth(on: day, closed: closed).description == month)
    }
}
