import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("A batch") struct WriteBatchTests {
    @Test("says how long others had its windows") func lockWait() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1_000_000)]) { fixture in
            let replica = try fixture.replica()
            _ = try await replica.hold("opens the window")
            let windowID: Int64 = try fixture.connect().query("SELECT window_id FROM budget_window")[0].decode(at: 0)
            let charge = WindowCharge(target: .window(windowID), isCounted: true, spent: 100, leaseRelease: 0)
            let job = LedgerJob.record(
                Posting(LedgerFixture.event("e", replica), isOccurredAtGiven: true), charges: [charge])
            var session = WriterSession(replicaID: replica.id)
            let batch = session.prepare([job], [], replica.configuration)

            let other = try fixture.connect()
            try other.executeScript("BEGIN; SELECT FROM budget_window FOR UPDATE")
            async let commit = Task.detached {
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
