import Accounting
import Postgres
import PostgresTesting
import Testing

@testable import Ledger

@Suite("A full disk", .timeLimit(.minutes(1)), .serialized) struct FullDiskTests {
    private func withServer(_ body: (DisposableServer, LedgerFixture, Replica) async throws -> Void) async throws {
        try await DisposableServer.with { server in
            let fixture = try LedgerFixture.prepare(server.database, [LedgerFixture.budget(limit: 1_000_000_000)])
            let replica = try fixture.replica()
            try await body(server, fixture, replica)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    private let moment = SystemClock.wallTime()

    private func report(_ ids: Range<Int>, _ replica: Replica) async -> [String: Int] {
        await withTaskGroup(of: String.self) { group in
            for id in ids {
                let event = LedgerFixture.event("e\(id)", replica, at: moment)
                group.addTask { await replica.report(event).word }
            }
            return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
    }

    /// Makes a table larger than a WAL file and leaves no room in it, so that a file size limit can stop the table
    /// without stopping the WAL. Returns the table's size.
    private func grow(_ table: String, _ fixture: LedgerFixture) throws -> Int64 {
        let connection = try fixture.connect()
        try connection.executeScript(
            """
            ALTER TABLE \(table) ALTER digest SET STORAGE PLAIN;
            INSERT INTO \(table) (owner, id, digest, entry_id, overrun_nanodollars, model)
                SELECT 'junk', n, decode(repeat('00', 8030), 'hex'), -n, 0, '' FROM generate_series(1, 2500) AS n;
            DELETE FROM \(table) WHERE owner = 'junk';
            ALTER TABLE \(table) ALTER digest SET STORAGE EXTENDED
            """)
        return try connection.query("SELECT pg_relation_size(\(table)::regclass)")[0].decode(at: 0)
    }

    @Test("refuses no settlement and keeps nothing by halves; with space again they go on by themselves")
    func tables() async throws {
        try await withServer { server, fixture, replica in
            let blockBytes: Int64 = 8_192
            let size = try grow("entry_key", fixture)
            try server.limitFiles(of: server.allProcessIDs(), toBytes: size + blockBytes / 2)
            #expect(await report(0..<1, replica) == ["unavailable": 1])
            #expect(try fixture.count("ledger") + fixture.count("entry_key") + fixture.count("rollup") == 0)
            #expect(server.cluster.logTail().contains("could not extend file"))

            async let words = report(0..<600, replica)
            try await eventually { replica.status.waitingSettlements < 600 }
            try await Task.sleep(for: .milliseconds(200))
            try server.limitFiles(of: server.allProcessIDs(), toBytes: nil)
            #expect(await words == ["recorded": 600])
            #expect(try fixture.window().spent == 600 * 100)
        }
    }

    @Test("for the log of the database crashes it, and loses and doubles nothing", arguments: [false, true])
    func log(isFullAtRestart: Bool) async throws {
        try await withServer { server, fixture, replica in
            #expect(await report(0..<10, replica) == ["recorded": 10])
            let key = Int32(truncatingIfNeeded: replica.id)
            let lock: SQL = "(\(AdvisoryLock.batch.rawValue), \(key))"
            let other = try fixture.connect()
            try other.execute("SELECT pg_advisory_lock" + lock)
            async let words = report(10..<20, replica)
            let writers: SQL = "wait_event = 'advisory'"
            try await eventually { try !server.processIDs(where: writers).isEmpty }
            // The committing session writes the WAL itself. Processes that start later have all the space, or none
            // where the disk is still full at the restart.
            let processIDs = isFullAtRestart ? try server.allProcessIDs() : try server.processIDs(where: writers)
            try server.limitFiles(of: processIDs, toBytes: 4_096)
            _ = try? other.execute("SELECT pg_advisory_unlock" + lock)
            if isFullAtRestart {
                try await eventually { !server.cluster.isRunning }
                try server.cluster.ensureRunning()
            } else {
                try await eventually { server.cluster.logTail().contains("was terminated by signal 6") }
            }
            #expect(await words == ["recorded": 10])
            #expect(await report(0..<20, replica) == ["duplicate": 20])
            #expect(try fixture.count("ledger") == 20)
            #expect(try fixture.window().spent == 20 * 100)
        }
    }
}
