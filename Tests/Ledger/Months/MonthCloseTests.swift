import Accounting
import Crypto
import Postgres
import Testing

@testable import Ledger

@Suite("A month") struct MonthCloseTests {
    private static func sha256(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    @Test("closes after its checks, with a statement of what it came to") func close() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            try await fixture.book(["a", "b"], in: PastMonth.last, replica)
            try fixture.makeReady(PastMonth.last)
            #expect(try await LedgerFixture.close(PastMonth.last).run(replica.database) != nil)
            let details = try fixture.details(PastMonth.last)
            #expect(details.record.isClosed && details.record.version == 1 && details.record.closedBy == "test")
            #expect(details.checks.map(\.code).count == 7 && details.checks.allSatisfy { $0.status == .pass })
            #expect(!details.isForced && details.reason == nil)
            let statement = try #require(details.statement)
            #expect(statement.entries == 2 && statement.total == 200)
            #expect(statement.costCenters.map(\.name) == ["4711"] && statement.costCenters.map(\.cost) == [200])
            #expect(statement.sha256 == Self.sha256(try fixture.export(PastMonth.last)))
            #expect(statement.changes == nil && statement.adjustments.isEmpty)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("stays open where a check has failed, and closes by force with the reason for ever") func force() async throws
    {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            try await fixture.book(["a"], in: PastMonth.last, replica)
            let failure = await #expect(throws: MonthClose.NotReady.self) {
                try await LedgerFixture.close(PastMonth.last).run(replica.database)
            }
            let failed = failure?.finding.checks.filter { $0.status == .fail }.map(\.code)
            #expect(failed == ["reconciled", "cost_center"])
            #expect(try !fixture.details(PastMonth.last).record.isClosed)
            _ = try await LedgerFixture.close(PastMonth.last, force: "the invoice comes later").run(replica.database)
            let details = try fixture.details(PastMonth.last)
            #expect(details.isForced && details.reason == "the invoice comes later")
            let error = #expect(throws: PostgresError.self) {
                try fixture.connect().execute("UPDATE month_close SET reason = 'another'")
            }
            #expect(error?.sqlState == "23001")
            await replica.drain()
        }
    }

    @Test("closes after the months before it, and not before it is over") func order() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            try await fixture.book(["a"], in: PastMonth.beforeThat, replica)
            try await fixture.book(["b"], in: PastMonth.last, replica)
            try await fixture.forceClosed(PastMonth.last, replica)
            for month in [PastMonth.beforeThat, PastMonth.before, PastMonth.last] {
                #expect(try fixture.details(month).statement != nil, "\(month)")
            }
            #expect(
                try MonthRecord.all(fixture.connect()).map(\.month)
                    == [PastMonth.beforeThat, PastMonth.before, PastMonth.last, PastMonth.current])
            await #expect(throws: StoreFailure.self) {
                try await LedgerFixture.close(PastMonth.current).run(replica.database)
            }
            await replica.drain()
        }
    }

    @Test("that two close at once closes once, and closing it again changes nothing") func twice() async throws {
        try await LedgerFixture.with { fixture in
            let (first, second) = (try fixture.replica(), try fixture.replica())
            try await fixture.book((0..<20).map { "e\($0)" }, in: PastMonth.last, first)
            try fixture.makeReady(PastMonth.last)
            try await withThrowingTaskGroup { group in
                for replica in [first, second, first, second] {
                    group.addTask { _ = try await LedgerFixture.close(PastMonth.last).run(replica.database) }
                }
                try await group.waitForAll()
            }
            let details = try fixture.details(PastMonth.last)
            #expect(details.record.version == 1 && details.statement?.entries == 20)
            let closes: SQL = "month = \(PastMonth.last.firstDay)"
            #expect(try fixture.count("month_close", where: closes) == 1)
            #expect(try await LedgerFixture.close(PastMonth.last).run(first.database) == nil)
            #expect(try fixture.details(PastMonth.last).record.closedAt == details.record.closedAt)
            await first.drain()
            await second.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("whose close was cut short between its steps has its statement with the next close") func crash() async throws
    {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            try await fixture.book(["a"], in: PastMonth.last, replica)
            _ = try LedgerFixture.close(PastMonth.last).shut(PastMonth.last, [], fixture.connect())
            #expect(try fixture.details(PastMonth.last).record.isClosed)
            #expect(try fixture.details(PastMonth.last).statement == nil)
            // From the first step on, what comes is booked later.
            try await fixture.book(["late"], in: PastMonth.last, replica)
            try await fixture.forceClosed(PastMonth.last, replica)
            let details = try fixture.details(PastMonth.last)
            #expect(details.statement?.entries == 1 && details.record.version == 1 && !details.isForced)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("that is reopened closes as another version, with what has changed") func reopen() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            let connection = try fixture.connect()
            try connection.addCredit("c", 150, from: PastMonth.last.firstDay.description)
            try await fixture.book(["a"], in: PastMonth.last, replica)
            try fixture.makeReady(PastMonth.last)
            try await fixture.forceClosed(PastMonth.last, replica)
            _ = try MonthStore.reopen(PastMonth.last, by: "admin", reason: "a call was missing", connection)
            #expect(try fixture.count("credit_draw") == 0)
            let other = try fixture.replica()
            try await fixture.book(["b"], in: PastMonth.last, other)
            try await fixture.forceClosed(PastMonth.last, other)
            let details = try fixture.details(PastMonth.last)
            #expect(details.record.version == 2 && details.reopenings.map(\.reason) == ["a call was missing"])
            let changes = try #require(details.statement?.changes)
            #expect(changes.version == 1 && changes.entries == 1 && changes.cost == 100)
            #expect(changes.costCenters.map(\.name) == ["4711"])
            #expect(changes.costCenters.map(\.before) == [100] && changes.costCenters.map(\.after) == [200])
            #expect(changes.booked.map(\.source) == ["job"] && changes.booked.map(\.cost) == [100])
            #expect(try connection.drawn(in: PastMonth.last.description).count == 1)
            await replica.drain()
            await other.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("is reopened only as the last closed one, and never behind the lock, which moves only forward")
    func lock() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            let connection = try fixture.connect()
            try await fixture.book(["a"], in: PastMonth.before, replica)
            try await fixture.forceClosed(PastMonth.last, replica)
            #expect(throws: StoreFailure.self) {
                try MonthStore.reopen(PastMonth.before, by: "admin", reason: "r", connection)
            }
            #expect(throws: StoreFailure.self) { try MonthStore.lock(through: PastMonth.current, connection) }
            try MonthStore.lock(through: PastMonth.last, connection)
            try MonthStore.lock(through: PastMonth.last, connection)
            #expect(throws: StoreFailure.self) { try MonthStore.lock(through: PastMonth.before, connection) }
            #expect(throws: StoreFailure.self) {
                try MonthStore.reopen(PastMonth.last, by: "admin", reason: "r", connection)
            }
            #expect(try fixture.details(PastMonth.before).isLocked)
            await replica.drain()
        }
    }

    /// What PostgreSQL refuses to whoever writes it.
    static let refused = [
        "UPDATE month SET state = 'closed' WHERE month = BEFORE",
        "INSERT INTO month_close (month, version, closed_by) VALUES (LAST, 1, 'x')",
        "INSERT INTO month_close (month, version, closed_by) VALUES (BEFORE, 2, 'x')",
        "INSERT INTO month (month, state) VALUES ('2031-01-01', 'closed')",
        "UPDATE month SET state = 'open' WHERE month = THAT",
        "UPDATE month SET closed_at = now() WHERE month = THAT", "DELETE FROM month WHERE month = THAT",
        "DELETE FROM month_close", "UPDATE month_close SET statement = '{}'", "UPDATE month_team SET cost_center = 'x'",
        "DELETE FROM month_report", "UPDATE deployment SET hard_lock_month = BEFORE",
        "UPDATE deployment SET hard_lock_month = NULL",
    ]

    /// All on one ledger: what is refused changes nothing.
    @Test("changes its state in its order alone, whoever asks PostgreSQL") func triggers() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            try await fixture.book(["a"], in: PastMonth.beforeThat, replica)
            try await fixture.book(["b"], in: PastMonth.before, replica)
            try await fixture.forceClosed(PastMonth.beforeThat, replica)
            let connection = try fixture.connect()
            try MonthStore.lock(through: PastMonth.beforeThat, connection)
            for statement in Self.refused {
                let statement = statement.replacing("BEFORE", with: "'\(PastMonth.before.firstDay)'")
                    .replacing("LAST", with: "'\(PastMonth.last.firstDay)'")
                    .replacing("THAT", with: "'\(PastMonth.beforeThat.firstDay)'")
                let error = #expect(throws: PostgresError.self, "\(statement)") {
                    try connection.execute(SQL(unescaped: statement))
                }
                #expect(error?.sqlState == "23001", "\(statement): \(error.map { "\($0)" } ?? "")")
            }
            await replica.drain()
        }
    }
}
