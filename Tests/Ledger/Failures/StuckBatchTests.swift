import Accounting
import Foundation
import Postgres
import PostgresTesting
import Testing

@testable import Ledger

@Suite("A server that is stopped in the middle of a batch", .timeLimit(.minutes(1))) struct StuckBatchTests {
    /// Holds the id of an entry in a pipeline that it never completes, as a stopped process would, until the
    /// pipeline's session is ended.
    private func stopMidway(_ fixture: LedgerFixture, replicaID: Int64, id: String) -> DedicatedThread {
        DedicatedThread(name: "stopped") {
            let locks: [SQL] = [
                "SELECT pg_advisory_xact_lock(\(AdvisoryLock.batch.rawValue), \(Int32(truncatingIfNeeded: replicaID)))",
                """
                INSERT INTO entry_key (owner, id, digest, entry_id, cost_nanodollars, overrun_nanodollars, model)
                VALUES ('source:job', \(id), '', 1, 0, 0, 'm')
                """,
            ]
            try? fixture.connect().briefTransaction(first: locks) { _, _ in
                LastStatements(
                    (0..<2).lazy.map { index in
                        // The first statement is large enough to be sent by itself. The second is not made while the
                        // session lives.
                        while index == 1, (try? isEnded(fixture)) == false { Thread.sleep(forTimeInterval: 0.02) }
                        return Self.midway
                    }
                ) { _ in () }
            }
        }
    }

    private static let midway: SQL = "SELECT octet_length(\([UInt8](repeating: 7, count: 1 << 16))) AS stopped_midway"

    private func isEnded(_ fixture: LedgerFixture) throws -> Bool {
        try fixture.connect().query(
            "SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%stopped_midway' AND state = 'active'"
        ).isEmpty
    }

    @Test("no longer stands in the way of another's entries once its lease time is over") func stuck() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let stopped = try ReplicaRegistry.register(connection)
            let thread = stopMidway(fixture, replicaID: stopped, id: "e")
            while try isEnded(fixture) { try await Task.sleep(for: .milliseconds(5)) }
            #expect(try StuckBatches.end(connection) == 0)
            try connection.execute(
                """
                UPDATE replica SET heartbeat_at = clock_timestamp() - interval '11 seconds'
                WHERE replica_id = \(stopped)
                """)
            let replica = try fixture.replica()
            #expect(await replica.report(LedgerFixture.event("e", replica)).word == "recorded")
            await thread.ended()
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }
}
