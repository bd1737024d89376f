import Postgres
import PostgresTesting
import Testing

@Suite struct RowTests {
    @Test("columns are read by position, by name and all at once") func access() async throws {
        try await TestDatabase.with { database in
            let rows = try database.connect().query(
                "SELECT n, 'row ' || n AS \"Label\", NULL::int8 AS nothing FROM generate_series(1, \(3)) n")
            #expect(rows.columnNames == ["n", "Label", "nothing"])
            #expect(rows.count == 3)
            #expect(rows.affectedCount == 3)
            #expect(try rows.map { row throws in try row.decode(Int.self, at: 0) } == [1, 2, 3])
            let last = try #require(rows.last)
            #expect(try last.decode(String.self, named: "Label") == "row 3")
            #expect(last.isNull(at: 2))
            let (number, label, nothing) = try last.decode((Int, String, Int?).self)
            #expect(number == 3 && label == "row 3" && nothing == nil)
        }
    }

    @Test("a column that is not there is an error") func missing() async throws {
        try await TestDatabase.with { database in
            let row = try database.connect().query("SELECT 1::int8 AS a, 2::int8 AS b")[0]
            for read: () throws -> Void in [
                { _ = try row.decode(Int.self, at: 2) }, { _ = try row.decode(Int.self, at: -1) },
                { _ = try row.decode(Int.self, named: "A") }, { _ = try row.decode((Int, Int, Int).self) },
            ] {
                let error = #expect(throws: PostgresError.self) { try read() }
                #expect(error?.kind == .usage)
            }
        }
    }

    @Test("reading fewer columns than there are is an error") func tooFew() async throws {
        try await TestDatabase.with { database in
            let row = try database.connect().query("SELECT 1::int8, 2::int8, 3::int8")[0]
            #expect(throws: PostgresError.self) { try row.decode((Int, Int).self) }
        }
    }

    @Test("a result outlives its connection") func outlives() async throws {
        try await TestDatabase.with { database in
            let rows = try database.connect().query("SELECT \("kept")")
            #expect(try rows[0].decode(String.self, at: 0) == "kept")
        }
    }
}
