import Accounting
import Foundation
import Postgres
import PostgresTesting
import Testing

@testable import Ledger

@Suite("An index of the ledger") struct ReadingMigrationTests {
    @Test(
        "is built on the months that are there, has those that are made meanwhile, and is whole",
        arguments: [(7, "%(team, entry_id)"), (18, "%(day, provider, model) INCLUDE%")])
    func partitions(number: Int, definition: String) async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            let files = try LedgerFixture.resources.files(in: "migrations", ending: ".sql")
            try Migrator(files: Array(files.prefix(number - 1))).migrate(connection) { _ in }
            try ConfigurationStore.prepare(connection, timeZone: nil)
            let replica = try ReplicaRegistry.register(connection)
            try connection.writeBatch(of: replica, number: 1, firstEntry: 1, teams: ["t", "u"])

            // A month is made after the transaction of the migration and before its steps.
            let steps = try #require(files[number - 1].text.range(of: "-- step"))
            let transaction = String(files[number - 1].text[..<steps.lowerBound])
            try connection.executeScript("BEGIN; \(transaction); COMMIT")
            try connection.execute("SELECT ensure_month(\(CalendarMonth(text: "2031-01")!.firstDay))")
            try connection.execute(
                """
                INSERT INTO compatible_migration (number, name, checksum)
                VALUES (\(Int64(number)), \(files[number - 1].name),
                    \(try Migrator(files: files).migrations[number - 1].checksum))
                """)
            for _ in 1...2 {
                try connection.executeScript("UPDATE compatible_migration SET is_whole = false")
                try Migrator(files: files).migrate(connection) { _ in }
                let indexes = try connection.query(
                    """
                    SELECT indrelid::regclass::text, indisvalid FROM pg_index
                    WHERE pg_get_indexdef(indexrelid) LIKE \(definition)
                    """
                ).map { try $0.decode((String, Bool).self) }
                let partitions = try connection.query(
                    "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'ledger'::regclass"
                ).map { try $0.decode(String.self, at: 0) }
                #expect(indexes.map(\.0).sorted() == (partitions + ["ledger"]).sorted())
                #expect(partitions.contains("ledger_2031_01") && indexes.allSatisfy(\.1))
            }
            #expect(try EntryList.newest(EntryFilter(team: "u"), limit: 5, connection).entries.count == 1)
        }
    }
}
