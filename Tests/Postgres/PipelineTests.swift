import Postgres
import PostgresTesting
import Testing

@Suite struct PipelineTests {
    private func withTable(_ body: (TestDatabase, Connection) throws -> Void) async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            try connection.executeScript(
                "CREATE TABLE t (x int8 UNIQUE DEFERRABLE INITIALLY DEFERRED CHECK (x > 0)); INSERT INTO t VALUES (1)")
            try body(database, connection)
        }
    }

    private func expectCount(_ expected: Int, _ connection: Connection) throws {
        let found = try count(connection)
        #expect(found == expected)
    }

    private func count(_ connection: Connection) throws -> Int {
        try connection.query("SELECT count(*) FROM t")[0].decode(at: 0)
    }

    @Test("all results come back, in order") func success() async throws {
        try await withTable { _, connection in
            for _ in 1...2 {
                let results = try connection.pipeline([
                    "INSERT INTO t VALUES (\(2)), (\(3))", "SELECT x FROM t ORDER BY x", "DELETE FROM t WHERE x > \(1)",
                    "SELECT x FROM t ORDER BY x",
                ])
                #expect(results.map(\.affectedCount) == [2, 3, 2, 1])
                #expect(results.map(\.count) == [0, 3, 0, 1])
            }
            #expect(try connection.pipeline([]).isEmpty)
        }
    }

    @Test("a failure in the middle names its statement, undoes all, and leaves the connection usable")
    func failure() async throws {
        try await withTable { _, connection in
            let error = try #require(throws: PostgresError.self) {
                try connection.pipeline([
                    "INSERT INTO t VALUES (\(2))", "INSERT INTO t VALUES (\(3)), (\(0))", "SELECT 'never prepared'",
                ])
            }
            #expect(error.kind == .server(sqlState: "23514"))
            #expect(error.statementIndex == 1)
            try expectCount(1, connection)
            #expect(try connection.pipeline(["SELECT 'never prepared'"])[0].count == 1)
        }
    }

    @Test("a statement that cannot be prepared fails, and can be tried again") func syntax() async throws {
        try await withTable { _, connection in
            for _ in 1...2 {
                let error = try #require(throws: PostgresError.self) {
                    try connection.pipeline(["SELECT 1", "SELECT x FROM later"])
                }
                #expect(error.statementIndex == 1)
            }
            try connection.executeScript("CREATE TABLE later (x int8)")
            #expect(try connection.pipeline(["SELECT 1", "SELECT x FROM later"]).count == 2)
        }
    }

    @Test("inside a transaction it commits nothing by itself") func insideTransaction() async throws {
        try await withTable { database, connection in
            try connection.transaction { transaction in
                _ = try transaction.pipeline(["INSERT INTO t VALUES (\(2))", "INSERT INTO t VALUES (\(3))"])
                let committed = try self.count(database.connect())
                #expect(committed == 1)
            }
            try expectCount(3, connection)
        }
    }

    @Test("a failure inside a transaction rolls all of it back") func failureInsideTransaction() async throws {
        try await withTable { _, connection in
            #expect(throws: PostgresError.self) {
                try connection.transaction { transaction in
                    try transaction.execute("INSERT INTO t VALUES (\(2))")
                    _ = try transaction.pipeline(["INSERT INTO t VALUES (\(-1))", "SELECT 1"])
                }
            }
            #expect(!connection.isInTransaction)
            try expectCount(1, connection)
        }
    }

    @Test("a constraint that is checked at the end refuses the whole") func deferred() async throws {
        try await withTable { _, connection in
            let error = try #require(throws: PostgresError.self) {
                try connection.pipeline(["INSERT INTO t VALUES (\(1))", "SELECT 1"])
            }
            #expect(error.kind == .server(sqlState: "23505"))
            #expect(error.statementIndex == nil)
            try expectCount(1, connection)
        }
    }

    @Test("much data in both directions at once does not lock up") func large() async throws {
        try await withTable { _, connection in
            let text = String(repeating: "x", count: 1_000_000)
            let results = try connection.pipeline((0..<30).map { "SELECT \($0), \(text)" })
            for (index, rows) in results.enumerated() {
                let (number, echoed) = try rows[0].decode((Int, String).self)
                #expect(number == index && echoed.utf8.count == text.utf8.count)
            }
        }
    }

    @Test("a connection lost on the way is an unknown outcome outside a transaction, and lost inside one")
    func lost() async throws {
        try await withTable { database, connection in
            try database.terminate(connection)
            let error = try #require(throws: PostgresError.self) {
                try connection.pipeline(["INSERT INTO t VALUES (\(2))", "SELECT 1"])
            }
            #expect(error.kind == .unknownOutcome)
            #expect(!connection.isUsable)

            let other = try database.connect()
            let otherError = try #require(throws: PostgresError.self) {
                try other.transaction { transaction in
                    try database.terminate(other)
                    _ = try transaction.pipeline(["INSERT INTO t VALUES (\(2))", "SELECT 1"])
                }
            }
            #expect(otherError.kind == .connection)
        }
    }
}
