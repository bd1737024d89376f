import Accounting
import Foundation
import Postgres
import PostgresTesting
import Testing

@testable import Ledger

@Suite("A server that is stopped in the middle of a batch", .timeLimit(.minutes(1))) struct StuckBatchTests {
    /// Holds the id of an entry in a COPY that never ends, as a stopped process does, until its session is ended.
    private func stopMidway(_ fixture: LedgerFixture, replicaID: Int64, id: String) -> DedicatedThread {
        DedicatedThread(name: "stopped") {
            try? fixture.connect().transaction { transaction in
                try transaction.execute(
                    "SELECT pg_advisory_xact_lock(\(WriteBatch.Lock.batch), \(Int32(truncatingIfNeeded: replicaID)))")
                try transaction.execute(
                    """
                    INSERT INTO entry_key (owner, id, digest, entry_id, cost_nanodollars, overrun_nanodollars, model)
                    VALUES ('source:job', \(id), '', 1, 0, 0, 'm')
                    """)
                try transaction.copy(into: "person", columns: ["name"]) { _ throws in
                    while try !isEnded(fixture) { Thread.sleep(forTimeInterval: 0.02) }
                }
            }
        }
    }

    private func isEnded(_ fixture: LedgerFixture) throws -> Bool {
        try fixture.connect().query(
            "SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY \"person\"%'"
        ).isEmpty
    }

    @Test("no longer stands in the way of another's entries once its lease time is over") func stuck() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let stopped = try ReplicaRegistry.register(connection)
            let thread = stopMidway(fixture, replicaID: stopped, id: "e")
            while try isEnded(fixture) { try await Task.sleep(for: .milliseconds(5)) }
            #expect(try ReplicaRegistry.endStuckBatches(connection) == 0)
            try connection.execute(
                """
                UPDATE replica SET heartbeat_at = clock_timestamp() - interval '11 seconds'
                WHERE replica_id = \(stopped)
                """)
            let replica = try fixture.replica()
            #expect(await replica.report(LedgerFixture.event("e", replica)).word == "recorded")
            await thread.ended()
            await replica.drain()
            #expect(try fixture.problems() == [])
        }
    }
}
