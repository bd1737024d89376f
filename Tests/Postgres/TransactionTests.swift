import Postgres
import PostgresTesting
import Testing

@Suite struct TransactionTests {
    private struct Refusal: Error, Equatable {}

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

    @Test("what returns is committed") func commit() async throws {
        try await withTable { database, connection in
            let count = try connection.transaction { transaction in
                #expect(connection.isInTransaction)
                return try transaction.execute("INSERT INTO t VALUES (\(2)), (\(3))")
            }
            #expect(count == 2)
            #expect(!connection.isInTransaction)
            let committed = try self.count(database.connect())
            #expect(committed == 3)
        }
    }

    @Test("what throws is rolled back, and its error comes out as it is") func rollback() async throws {
        try await withTable { _, connection in
            #expect(throws: Refusal()) {
                try connection.transaction { transaction in
                    try transaction.execute("INSERT INTO t VALUES (\(2))")
                    throw Refusal()
                }
            }
            #expect(!connection.isInTransaction)
            try expectCount(1, connection)
        }
    }

    @Test("a failed statement whose error was swallowed does not pass for a commit") func swallowed() async throws {
        try await withTable { _, connection in
            let error = try #require(throws: PostgresError.self) {
                try connection.transaction { transaction in
                    try transaction.execute("INSERT INTO t VALUES (\(2))")
                    _ = try? transaction.execute("INSERT INTO t VALUES (\(-1))")
                }
            }
            #expect(error.kind == .server(sqlState: "25P02"))
            try expectCount(1, connection)
        }
    }

    @Test("a commit that a deferred constraint refuses is an error of the server, not an unknown outcome")
    func deferred() async throws {
        try await withTable { _, connection in
            let error = try #require(throws: PostgresError.self) {
                try connection.transaction { try $0.execute("INSERT INTO t VALUES (\(1))") }
            }
            #expect(error.kind == .server(sqlState: "23505"))
            try expectCount(1, connection)
        }
    }

    @Test("a transaction inside another one is refused, and the outer one is unharmed") func nested() async throws {
        try await withTable { _, connection in
            try connection.transaction { transaction in
                try transaction.execute("INSERT INTO t VALUES (\(2))")
                let error = #expect(throws: PostgresError.self) { try connection.transaction { _ in } }
                #expect(error?.kind == .usage)
            }
            try expectCount(2, connection)
        }
    }

    @Test("a body that ends the transaction itself is told so") func endedInside() async throws {
        try await withTable { _, connection in
            let error = #expect(throws: PostgresError.self) {
                try connection.transaction { try $0.executeScript("COMMIT") }
            }
            #expect(error?.kind == .usage)
        }
    }

    @Test("a read-only transaction refuses to write") func readOnly() async throws {
        try await withTable { _, connection in
            let error = #expect(throws: PostgresError.self) {
                try connection.transaction(readOnly: true) { try $0.execute("INSERT INTO t VALUES (\(2))") }
            }
            #expect(error?.kind == .server(sqlState: "25006"))
        }
    }

    @Test(
        "the isolation is the one asked for",
        arguments: [
            (Isolation.readCommitted, "read committed"), (.repeatableRead, "repeatable read"),
            (.serializable, "serializable"),
        ])
    func isolation(isolation: Isolation, expected: String) async throws {
        try await withTable { _, connection in
            let shown = try connection.transaction(isolation: isolation) { transaction in
                try transaction.query("SHOW transaction_isolation")[0].decode(String.self, at: 0)
            }
            #expect(shown == expected)
        }
    }

    @Test("a savepoint undoes its own part alone") func savepoint() async throws {
        try await withTable { _, connection in
            try connection.transaction { transaction in
                try transaction.execute("INSERT INTO t VALUES (\(2))")
                #expect(throws: PostgresError.self) {
                    try transaction.savepoint { try $0.execute("INSERT INTO t VALUES (\(-1))") }
                }
                try transaction.savepoint { try $0.execute("INSERT INTO t VALUES (\(3))") }
            }
            try expectCount(3, connection)
        }
    }

    @Test("a backend that dies when the commit is sent leaves an unknown outcome") func unknownOutcome() async throws {
        try await withTable { database, connection in
            let error = try #require(throws: PostgresError.self) {
                try connection.transaction { transaction in
                    try transaction.execute("INSERT INTO t VALUES (\(2))")
                    try database.terminate(connection)
                }
            }
            #expect(error.kind == .unknownOutcome)
            #expect(!connection.isUsable)
        }
    }

    @Test("a backend that dies before the commit is a lost connection") func lostBefore() async throws {
        try await withTable { database, connection in
            let error = try #require(throws: PostgresError.self) {
                try connection.transaction { transaction in
                    try database.terminate(connection)
                    try transaction.execute("INSERT INTO t VALUES (\(2))")
                }
            }
            #expect(error.kind == .connection)
            try expectCount(1, database.connect())
        }
    }

    @Test("a body that swallows the loss of its connection gets it at the commit, which is never sent")
    func lossSwallowed() async throws {
        try await withTable { database, connection in
            let error = try #require(throws: PostgresError.self) {
                try connection.transaction { transaction in
                    try database.terminate(connection)
                    _ = try? transaction.execute("INSERT INTO t VALUES (\(2))")
                }
            }
            #expect(error.kind == .connection)
        }
    }
}
