import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("A verification by ranges") struct VerificationRangeTests {
    private func withReplica(_ body: (LedgerFixture, Connection, Replica) async throws -> Void) async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1_000_000)]) { fixture in
            let connection = try fixture.connect()
            for table in ["ledger", "batch"] {
                try connection.executeScript("ALTER TABLE \(table) DISABLE TRIGGER append_only")
            }
            let replica = try fixture.replica()
            try await body(fixture, connection, replica)
            await replica.drain()
        }
    }

    private func report(_ ids: [String], _ replica: Replica, on day: String? = nil) async throws {
        for id in ids {
            let moment = try day.map { try #require(Timestamp(rfc3339: "\($0)T12:00:00Z")) }
            #expect(await replica.report(LedgerFixture.event(id, replica, at: moment)).word == "recorded")
        }
    }

    private func verify(_ connection: Connection, _ extent: Verification.Extent = .sinceCheckpoint) throws
        -> VerificationReport
    {
        try Verification.run(connection, extent, entriesAtOnce: 2)
    }

    @Test("goes on where the last one found everything right, and says from where to where") func checkpoint()
        async throws
    {
        try await withReplica { fixture, connection, replica in
            try await report((0..<5).map { "a\($0)" }, replica)
            // Without a checkpoint it begins at the beginning.
            let first = try verify(connection)
            #expect(
                first.holds && first.checks[0].checked == 5 && first.extent.hasPrefix("Read from the beginning to "))
            #expect(try verify(connection).checks[0].checked == 0)
            try await report(["b0", "b1"], replica)
            let second = try verify(connection)
            #expect(second.holds && second.checks[0].checked == 2)
            #expect(second.extent.contains("The last verification from the beginning was at "))
            #expect(try fixture.count("verified", where: "whole_at < verified_at AND number = 3") == 1)
            // The whole is still read when that is asked for.
            #expect(try verify(connection, .everything).checks[0].checked == 7)
        }
    }

    @Test("stays where it was while something does not hold") func failure() async throws {
        try await withReplica { fixture, connection, replica in
            try await report(["a0", "a1"], replica)
            #expect(try verify(connection).holds)
            try await report(["b0", "b1"], replica)
            try connection.execute("UPDATE ledger SET region = 'x' WHERE request_id = 'b0'")
            for _ in 0..<2 {
                let report = try verify(connection)
                #expect(!report.holds && report.checks[0].checked == 2)
                #expect(report.extent.hasSuffix("The checkpoint stays where it was."))
            }
        }
    }

    /// Changes of rows that were verified, and whether one that begins at the checkpoint sees them.
    static let changes: [(statement: String, isSeenSoon: Bool)] = [
        ("UPDATE ledger SET region = 'x' WHERE request_id = 'a1'", false),
        ("UPDATE ledger SET effective_cost_nanodollars = 1 WHERE request_id = 'a0'", false),
        ("DELETE FROM ledger WHERE request_id = 'a2'", false),
        ("UPDATE batch SET hash = sha256('x') WHERE number = 2", false),
        ("UPDATE batch SET hash = sha256('x') WHERE number = 3", true),
        ("WITH gone AS (DELETE FROM ledger) DELETE FROM batch", true),
        ("UPDATE rollup SET calls = calls + 1 WHERE day = '2026-10-05'", false),
        ("UPDATE budget_window SET spent = spent + 1", true),
        ("UPDATE entry_key SET cost_nanodollars = 1 WHERE id = 'a1'", false),
    ]

    @Test("from the beginning finds a change of any row that was verified", arguments: changes)
    func verified(_ statement: String, _ isSeenSoon: Bool) async throws {
        try await withReplica { fixture, connection, replica in
            try await report(["a0", "a1", "a2"], replica, on: "2026-10-05")
            #expect(try verify(connection, .everything).holds)
            #expect(try connection.execute(SQL(unescaped: statement)) > 0)
            // A server whose last batch is gone writes nothing after it.
            let other = try fixture.replica()
            try await report(["b0"], statement.hasSuffix("FROM batch") ? other : replica)
            await other.drain()
            #expect(try verify(connection).holds != isSeenSoon)
            #expect(try !verify(connection, .everything).holds)
        }
    }

    @Test("takes an id that is used again after the promised days for what it is, and no sooner", arguments: [36, 34])
    func usedAgain(days: Int64) async throws {
        try await withReplica { _, connection, replica in
            for (tokens, daysAgo) in [(Int64(10), days), (20, 0)] {
                let moment = SystemClock.wallTime().adding(seconds: -86_400 * daysAgo)
                var event = LedgerFixture.event("again", replica, tokens: tokens, at: moment)
                event.recordedAt = moment
                #expect(await replica.report(event).word == "recorded")
                // What retention does once an id has been remembered for long enough.
                if daysAgo > 0 { try connection.execute("DELETE FROM entry_key") }
            }
            let report = try verify(connection, .everything)
            #expect(report.problems == (days > 35 ? [] : ["the id again of source:job has 2 entries"]))
        }
    }

    @Test("tells what it cannot check of months that were detached, and checks the rest") func detached() async throws {
        try await withReplica { fixture, connection, replica in
            try await report(["old0", "old1"], replica, on: "2026-10-05")
            try await report(["new0", "new1"], replica)
            #expect(try verify(connection, .everything).gaps.isEmpty)
            try connection.executeScript("ALTER TABLE ledger DETACH PARTITION ledger_2026_10")
            let report = try verify(connection, .everything)
            #expect(report.problems == [])
            #expect(report.checks[0].gaps == ["2 batches with entries of months that are not attached: 2026-10"])
            #expect(report.gaps.contains("the sums of months that are not attached: 2026-10"))
            #expect(report.gaps.contains { $0.hasPrefix("2 ids may be of entries") })
            try connection.execute("UPDATE ledger SET region = 'x' WHERE request_id = 'new0'")
            #expect(
                try verify(connection, .everything).problems == [
                    "batch 3 of replica \(try Self.replica(connection)) is not what was written"
                ])
        }
    }

    private static func replica(_ connection: Connection) throws -> Int64 {
        try connection.query("SELECT min(replica_id) FROM batch")[0].decode(at: 0)
    }

    @Test("holds while servers go on writing") func traffic() async throws {
        try await withReplica { fixture, _, replica in
            let other = try fixture.replica()
            let writing = Task {
                var number = 0
                while !Task.isCancelled {
                    let replica = number % 2 == 0 ? replica : other
                    let hold = try await replica.hold("r\(number)", tokens: 5)
                    _ = await replica.settle(hold, tokens: 3)
                    number += 1
                }
                return number
            }
            for extent in [Verification.Extent.everything, .sinceCheckpoint, .sinceCheckpoint, .everything] {
                let report = try verify(fixture.connect(), extent)
                #expect(report.problems == [])
            }
            writing.cancel()
            #expect(try await writing.value > 0)
            await other.drain()
        }
    }
}
