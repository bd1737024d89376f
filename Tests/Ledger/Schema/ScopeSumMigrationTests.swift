import Accounting
import Postgres
import PostgresTesting
import Testing

@testable import Ledger

@Suite("The migration that makes sums by scope anew") struct ScopeSumMigrationTests {
    private func sums(_ connection: Connection) throws -> [String] {
        try connection.query(
            """
            SELECT to_char(slot AT TIME ZONE 'UTC', 'YYYY') || ' ' || sum(calls) FROM scope_sum WHERE is_fine GROUP BY slot
            ORDER BY slot
            """
        ).map { try $0.decode(at: 0) }
    }

    @Test("has each entry once, keeps the sums of detached months, and lets servers of before begin right")
    func anew() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            let files = try LedgerFixture.resources.files(in: "migrations", ending: ".sql")
            try Migrator(files: Array(files.prefix(32))).migrate(connection) { _ in }
            try ConfigurationStore.prepare(connection, timeZone: .utc)
            for _ in 1...2 {
                let replica = try ReplicaRegistry.register(connection)
                try connection.writeBatch(of: replica, number: 1, firstEntry: 1, teams: ["t", "t"])
                while try ScopeSums.fold.run(takesSmall: true, connection).entries > 0 {}
            }
            // What a portion too many has added, and a month that is not in the ledger any more.
            try connection.executeScript(
                """
                UPDATE scope_sum SET calls = calls + 2;
                INSERT INTO month (month) VALUES ('2020-01-01');
                INSERT INTO scope_sum SELECT true, 't', slot::timestamptz, '', 'p', 'm', 0, '', '{}', '{}', 7, 0, 0
                FROM unnest(ARRAY['2020-01-31 23:45Z', '2020-02-01 00:00Z']) AS slot
                """)
            try Migrator(files: Array(files.prefix(33))).migrate(connection) { _ in }
            #expect(try sums(connection) == ["2020 7"])
            let new = try ReplicaRegistry.register(connection)
            let begins: Int64 = try connection.query(
                "SELECT entry_id FROM scope_sum_fence WHERE replica_id = \(new) AND batch_number = 0")[0].decode(at: 0)
            #expect(begins == EntryID.first(of: new) - 1)
            try connection.writeBatch(of: new, number: 1, firstEntry: 1, teams: ["t"])
            while try ScopeSums.fold.run(takesSmall: true, connection).entries > 0 {}
            let calls: Int64 = try connection.query(
                "SELECT sum(calls)::bigint FROM scope_sum WHERE is_fine AND slot > '2021-01-01'")[0].decode(at: 0)
            #expect(calls == 5)
        }
    }
}
