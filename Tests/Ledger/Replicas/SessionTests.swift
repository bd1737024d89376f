import Postgres
import PostgresTesting
import Testing

@testable import Ledger

@Suite("The sessions of a replica") struct SessionTests {
    private struct Kind: Sendable, CustomTestStringConvertible {
        let name: String
        let limits: SessionLimits
        /// As PostgreSQL shows them: of a statement, of a lock, and within a transaction.
        let shown: [String]

        var testDescription: String { name }
    }

    private static let kinds = [
        Kind(name: "writer and leases", limits: SessionLimits(), shown: ["0", "2s", "2s"]),
        Kind(name: "heartbeat", limits: .heartbeat, shown: ["0", "2s", "2s"]),
        Kind(name: "control", limits: .control, shown: ["0", "2s", "2s"]),
        Kind(name: "maintenance", limits: .maintenance, shown: ["25s", "2s", "2s"]),
        Kind(name: "lookups", limits: .lookups, shown: ["2s", "1s", "2s"]),
        Kind(name: "changes", limits: .changes, shown: ["0", "10s", "1min"]),
        Kind(name: "reports", limits: .reports, shown: ["1min", "30s", "1min"]),
        Kind(name: "migrate and verify", limits: .command, shown: ["0", "0", "10min"]),
    ]

    @Test("have limits of their own, whatever the database sets for all", arguments: kinds)
    private func limits(_ kind: Kind) async throws {
        try await TestDatabase.with { database in
            for setting in ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"] {
                try database.connect().executeScript("ALTER DATABASE \(database.name) SET \(setting) = '7s'")
            }
            let connection = try Connection(connectionString: database.connectionString, limits: kind.limits)
            let shown = try connection.query(
                """
                SELECT current_setting('statement_timeout'), current_setting('lock_timeout'),
                    current_setting('idle_in_transaction_session_timeout')
                """)[0].decode((String, String, String).self)
            #expect([shown.0, shown.1, shown.2] == kind.shown)
        }
    }

    @Test("say what they are for, which is set with their limits") func names() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1_000)]) { fixture in
            let replica = try fixture.replica()
            let observer = try fixture.connect()
            let wanted = [
                "purser changes": 2, "purser control": 1, "purser heartbeat": 1, "purser leases": 1,
                "purser listener": 1, "purser lookups": 1, "purser maintenance": 1, "purser reports": 3,
                "purser writer": 1,
            ]
            var found: [String: Int] = [:]
            let deadline = ContinuousClock.now + .seconds(60)
            // Writer and leases connect when they have something to send.
            _ = await replica.settle(try await replica.hold("c"), tokens: 10)
            while found != wanted, ContinuousClock.now < deadline {
                let rows = try observer.query(
                    """
                    SELECT application_name FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid()
                    """)
                let names = try rows.map { try $0.decode(String.self, at: 0) }
                found = names.reduce(into: [:]) { $0[$1, default: 0] += 1 }
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(found == wanted)
            await replica.drain()
        }
    }
}
