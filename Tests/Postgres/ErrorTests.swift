import Postgres
import PostgresTesting
import Testing

@Suite struct ErrorTests {
    @Test(
        "the server's errors keep their SQLSTATE",
        arguments: [
            ("INSERT INTO t VALUES (1)", "23505", "t_pkey"), ("INSERT INTO t VALUES (-1)", "23514", "positive"),
            ("INSERT INTO t VALUES (NULL)", "23502", nil), ("SELEC", "42601", nil), ("SELECT * FROM u", "42P01", nil),
            ("SELECT 1/0", "22012", nil),
        ] as [(String, String, String?)])
    func mapping(statement: String, sqlState: String, constraint: String?) async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            try connection.executeScript(
                "CREATE TABLE t (id int8 PRIMARY KEY CONSTRAINT positive CHECK (id > 0)); INSERT INTO t VALUES (1)")
            let error = try #require(throws: PostgresError.self) {
                try connection.query("\(unescaped: statement)")
            }
            #expect(error.kind == .server(sqlState: sqlState))
            #expect(error.constraintName == constraint)
            #expect(!error.isRetryable)
            #expect(connection.isUsable)
            #expect(try connection.query("SELECT id FROM t").count == 1)
        }
    }

    @Test("the public text of an error has no values and no SQL; the other has both") func redaction() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            try connection.executeScript("CREATE TABLE person (name text PRIMARY KEY)")
            try connection.execute("INSERT INTO person VALUES (\("Ada")) ON CONFLICT DO NOTHING")
            let error = try #require(throws: PostgresError.self) {
                try connection.execute("INSERT INTO person VALUES (\("Ada"))")
            }
            #expect(
                error.description
                    == "the database already has such a row (SQLSTATE 23505), constraint person_pkey")
            #expect(error.debugDescription.contains("Ada") && error.debugDescription.contains("INSERT INTO person"))
        }
    }

    @Test("a lost race between two transactions can be retried") func serialization() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            let other = try database.connect()
            try connection.executeScript("CREATE TABLE t (x int8); INSERT INTO t VALUES (1)")
            let error = try #require(throws: PostgresError.self) {
                try connection.transaction(isolation: .repeatableRead) { transaction in
                    _ = try transaction.query("SELECT x FROM t")
                    try other.execute("UPDATE t SET x = 2")
                    try transaction.execute("UPDATE t SET x = 3")
                }
            }
            #expect(error.kind == .server(sqlState: "40001"))
            #expect(error.isRetryable)
            #expect(try connection.query("SELECT x FROM t")[0].decode(Int.self, at: 0) == 2)
        }
    }
}
