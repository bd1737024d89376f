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
}
