import PostgresTesting
import Testing

@testable import Postgres

@Suite struct StatementCacheTests {
    private func preparedNames(_ connection: Connection) throws -> [String] {
        let rows = try connection.query("SELECT name FROM pg_prepared_statements ORDER BY prepare_time")
        return try rows.map { row throws in try row.decode(String.self, at: 0) }
    }

    @Test("a statement is prepared once, however often it is executed") func reuse() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            for value in 1...5 { try connection.execute("SELECT \(value)") }
            let names = try preparedNames(connection)
            #expect(names.count == 2)
        }
    }

    @Test("the same text with other types is another statement") func types() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            #expect(try connection.query("SELECT \(1)")[0].decode(Int.self, at: 0) == 1)
            #expect(try connection.query("SELECT \("a")")[0].decode(String.self, at: 0) == "a")
        }
    }

    @Test("the statement unused for longest gives way") func eviction() async throws {
        try await TestDatabase.with { database in
            let connection = try Connection(unlimited: database.connectionString, statementCacheCapacity: 3)
            try connection.execute("SELECT 'kept', \(0)")
            let kept = try preparedNames(connection)[0]
            for column in 1...10 {
                try connection.execute("SELECT \(unescaped: "\(column)")")
                try connection.execute("SELECT 'kept', \(column)")
            }
            let names = try preparedNames(connection)
            #expect(names.count == 3)
            #expect(names.contains(kept))
            _ = try connection.pipeline((20...30).map { "SELECT \(unescaped: "\($0)")" })
            #expect(try preparedNames(connection).count <= 3)
        }
    }

    @Test("a statement whose table has changed is prepared anew") func stalePlan() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            try connection.executeScript("CREATE TABLE t (a int8); INSERT INTO t VALUES (1)")
            #expect(try connection.query("SELECT * FROM t").columnNames == ["a"])
            try connection.executeScript("ALTER TABLE t ADD COLUMN b int8")
            #expect(try connection.query("SELECT * FROM t").columnNames == ["a", "b"])
            try connection.executeScript("ALTER TABLE t ADD COLUMN c int8")
            // Inside a transaction the first attempt fails, and the next one works.
            let error = #expect(throws: PostgresError.self) {
                try connection.transaction { try $0.query("SELECT * FROM t") }
            }
            #expect(error?.sqlState == "0A000")
            #expect(try connection.transaction { try $0.query("SELECT * FROM t").columnNames } == ["a", "b", "c"])
        }
    }
}
