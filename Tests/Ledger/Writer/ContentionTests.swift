import Accounting
import Postgres
import PostgresTesting
import Testing

@testable import Ledger

/// Another transaction has the rows of all windows locked, as the commit of another replica may for a moment.
@Suite("Windows whose rows are locked") struct ContentionTests {
    private static let lock = "BEGIN; SELECT FROM budget_window FOR NO KEY UPDATE"

    @Test("are charged what leases had set aside, without waiting, and the charges reach the rows later")
    func charges() async throws {
        let budgets = [
            LedgerFixture.budget(limit: 10_000, alertAt: [50]), LedgerFixture.budget("c", limit: 10, unit: .calls),
        ]
        try await LedgerFixture.with(budgets) { fixture in
            let quiet = try fixture.withoutMaintenance()
            defer { withExtendedLifetime(quiet) {} }
            let (first, second) = (try fixture.replica(), try fixture.replica())
            let holds = [try await first.hold("r", tokens: 300), try await second.hold("s", tokens: 300)]
            let (blocker, connection) = (try fixture.connect(), try fixture.connect())
            let before = try rows(connection)
            try blocker.executeScript(Self.lock)
            #expect(await first.settle(holds[0], tokens: 200).word == "recorded")
            #expect(await second.settle(holds[1], tokens: 300).word == "recorded")
            #expect(try rows(connection) == before)
            #expect(try fixture.window().spent == 5_000 && fixture.window("c").spent == 2)
            #expect(try fixture.count("alert") == 1)
            try fixture.expectNoProblems()
            #expect(try ChargeCollection.collect(connection) == 2)
            #expect(try rows(connection) == before)

            try blocker.executeScript("COMMIT")
            #expect(try ChargeCollection.collect(connection) == 2)
            #expect(try ChargeCollection.collect(connection) == 0)
            #expect(try rows(connection) == ["b 5000", "c 2"])
            #expect(try fixture.count("alert") == 1)
            for replica in [first, second] { await replica.drain() }
            try fixture.expectNoProblems()
        }
    }

    @Test("are waited for by what no lease had set aside, because it leaves less for others")
    func unreserved() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let quiet = try fixture.withoutMaintenance()
            defer { withExtendedLifetime(quiet) {} }
            let replica = try fixture.replica()
            _ = try await replica.hold("opens the window")
            let blocker = try fixture.connect()
            try blocker.executeScript(Self.lock)
            async let recorded = replica.report(LedgerFixture.event("e", replica)).word
            try await eventually {
                try !fixture.connect().query(
                    "SELECT FROM pg_stat_activity WHERE application_name LIKE '%writer%' AND wait_event_type = 'Lock'"
                ).isEmpty
            }
            try blocker.executeScript("COMMIT")
            #expect(await recorded == "recorded")
            #expect(try rows(fixture.connect()) == ["b 100"])
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("take back what replicas give back, without waiting, and it can be granted at once")
    func revocation() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let quiet = try fixture.withoutMaintenance()
            defer { withExtendedLifetime(quiet) {} }
            let replica = try fixture.replica()
            let hold = try await replica.hold("r", tokens: 800)
            #expect(await replica.void(hold).word == "ended")
            let leased = try fixture.window().leased
            #expect(leased >= 8_000)
            let blocker = try fixture.connect()
            try blocker.executeScript(Self.lock)
            let connection = try fixture.connect()
            var snapshot = AdmissionEngine.LeaseSnapshot()
            let window: Int64 = try connection.query("SELECT window_id FROM budget_window")[0].decode(at: 0)
            (snapshot.givenBack, snapshot.revoked) = ([window: leased], [window])
            let batch = GrantBatch(number: 99, replicaID: replica.id, asks: [], snapshot: snapshot)
            let link = DatabaseLink(connectionString: fixture.database.connectionString, name: "test")
            guard case .committed = LeaseStore.send(batch, on: link, note: { Issue.record($0) }) else {
                Issue.record("The batch was not committed")
                return
            }
            #expect(try fixture.window().leased == 0)
            #expect(try connection.query("SELECT leased FROM budget_window")[0].decode(at: 0) == leased)
            try blocker.executeScript("COMMIT")
            // The row alone says that most of the money is leased.
            let other = try fixture.replica()
            #expect(try await other.verdict(LedgerFixture.call("s", tokens: 1_000)).kind == .admit)
            for replica in [replica, other] { await replica.drain() }
            #expect(try fixture.count("uncollected_charge") == 0)
            try fixture.expectNoProblems()
        }
    }

    @Test("cross a threshold by two charges that do not see each other, and the alert comes with their collection")
    func crossing() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000, alertAt: [50])]) { fixture in
            let quiet = try fixture.withoutMaintenance()
            defer { withExtendedLifetime(quiet) {} }
            let replica = try fixture.replica()
            let hold = try await replica.hold("r", tokens: 500)
            let connection = try fixture.connect()
            try connection.execute(
                "INSERT INTO uncollected_charge SELECT window_id, 0, 3000, 3000 FROM budget_window")
            try connection.execute(
                "INSERT INTO uncollected_charge SELECT window_id, 1, 2000, 2000 FROM budget_window")
            #expect(try ChargeCollection.collect(connection) == 1)
            #expect(try fixture.count("alert", where: "threshold_millionths = 500000 AND spent = 5000") == 1)
            _ = hold
            await replica.drain()
        }
    }

    private func rows(_ connection: Connection) throws -> [String] {
        try connection.query(
            "SELECT id || ' ' || spent FROM budget_window JOIN budget USING (budget_number) ORDER BY id"
        ).map { try $0.decode(String.self, at: 0) }
    }
}
