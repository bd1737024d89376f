import Postgres
import PostgresTesting
import Testing

@Suite struct SQLTests {
    @Test("values become parameters, identifiers are quoted, and only the escape hatch goes in as it is")
    func interpolation() {
        let team: String? = nil
        let sql: SQL = "SELECT \(unescaped: "count(*)") FROM \(identifier: "a\"b") WHERE x = \(1) AND y = \(team)"
        #expect(sql.text == "SELECT count(*) FROM \"a\"\"b\" WHERE x = $1 AND y = $2")
        #expect(sql.parameters.count == 2)
    }

    @Test("joined statements number their parameters anew") func concatenation() {
        var sql: SQL = "SELECT \(1), \("a")" + " WHERE \(true)"
        sql += " OR \(2)"
        let whole: SQL = "WITH t AS (\(sql: sql)) SELECT \(3)"
        #expect(sql.text == "SELECT $1, $2 WHERE $3 OR $4")
        #expect(whole.text == "WITH t AS (SELECT $1, $2 WHERE $3 OR $4) SELECT $5")
        #expect(whole.parameters.count == 5)
    }

    @Test("joined statements keep each value with its place") func concatenationExecutes() async throws {
        try await TestDatabase.with { database in
            let null: Int? = nil
            let sql: SQL = "SELECT \("first"), \(null), " + "\("")::text, \([1, 2])" + ", \(4)"
            let row = try database.connect().query(sql)[0]
            let values = try row.decode((String, Int?, String, [Int], Int).self)
            #expect(values.0 == "first" && values.1 == nil && values.2 == "" && values.3 == [1, 2] && values.4 == 4)
        }
    }

    @Test(
        "an injection stays a value",
        arguments: ["'; DROP TABLE t; --", "$1", "\\'; --", "\"; --", "1); DELETE FROM t; --"])
    func injection(text: String) async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            try connection.executeScript("CREATE TABLE t (x text)")
            try connection.execute("INSERT INTO t VALUES (\(text))")
            let found = try connection.query("SELECT x FROM t WHERE x = \(text)")
            #expect(try found.map { row throws in try row.decode(String.self, at: 0) } == [text])
        }
    }

    @Test("an identifier from outside stays one identifier") func identifier() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            let name = "x\"; DROP TABLE t; --"
            try connection.execute("CREATE TABLE \(identifier: name) (a int8)")
            let names = try connection.query("SELECT relname FROM pg_class WHERE relname = \(name)")
            #expect(names.count == 1)
        }
    }

    @Test("more parameters than the protocol can count are refused before they are sent") func tooMany() async throws {
        var sql: SQL = "SELECT \(1)"
        for _ in 0..<65_535 { sql += ", \(1)" }
        try await TestDatabase.with { database in
            let connection = try database.connect()
            let error = #expect(throws: PostgresError.self) { try connection.query(sql) }
            #expect(error?.kind == .usage)
            #expect(throws: PostgresError.self) { try connection.pipeline(["SELECT 1", sql]) }
            #expect(try connection.query("SELECT \(1)").count == 1)
        }
    }
}
