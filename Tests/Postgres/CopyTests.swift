import Postgres
import PostgresTesting
import Testing

@Suite struct CopyTests {
    private struct Refusal: Error, Equatable {}

    private func withTable(_ body: (Connection) throws -> Void) async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            try connection.executeScript("CREATE SCHEMA s; CREATE TABLE s.t (id int8 PRIMARY KEY, label text)")
            try body(connection)
        }
    }

    private func count(_ connection: Connection) throws -> Int {
        try connection.query("SELECT count(*) FROM s.t")[0].decode(at: 0)
    }

    @Test("a hundred thousand rows arrive as they were written") func large() async throws {
        try await withTable { connection in
            let copied = try connection.copy(into: "s.t", columns: ["id", "label"]) { writer in
                for id in 1...100_000 {
                    try writer.beginRow(columnCount: 2)
                    writer.append(id)
                    if id % 3 == 0 { writer.appendNull() } else { writer.append("row \(id)" as String?) }
                }
            }
            #expect(copied == 100_000)
            let row = try connection.query(
                """
                SELECT count(*), sum(id)::int8, count(label),
                    count(*) FILTER (WHERE label IS DISTINCT FROM CASE WHEN id % 3 > 0 THEN 'row ' || id END)
                FROM s.t
                """)[0]
            let (rows, sum, labels, wrong) = try row.decode((Int, Int, Int, Int).self)
            #expect(rows == 100_000 && sum == 5_000_050_000 && labels == 66_667 && wrong == 0)
        }
    }

    @Test("no rows are no error") func empty() async throws {
        try await withTable { connection in
            let copied = try connection.copy(into: "s.t", columns: ["id"]) { _ in }
            #expect(copied == 0)
        }
    }

    @Test("an error of the body comes out as it is, and nothing is loaded") func bodyThrows() async throws {
        try await withTable { connection in
            #expect(throws: Refusal()) {
                try connection.copy(into: "s.t", columns: ["id"]) { writer in
                    for id in 1...50_000 {
                        try writer.beginRow(columnCount: 1)
                        writer.append(id)
                    }
                    throw Refusal()
                }
            }
            let rows = try count(connection)
            #expect(rows == 0)
        }
    }

    @Test("a row the server refuses undoes the whole, and the connection stays usable") func refused() async throws {
        try await withTable { connection in
            let error = try #require(throws: PostgresError.self) {
                try connection.copy(into: "s.t", columns: ["id"]) { writer in
                    for id in [1, 2, 1] {
                        try writer.beginRow(columnCount: 1)
                        writer.append(id)
                    }
                }
            }
            #expect(error.kind == .server(sqlState: "23505"))
            #expect(error.constraintName == "t_pkey")
            #expect(try count(connection) == 0)
        }
    }

    @Test("a table that is not there is an error of the server") func missingTable() async throws {
        try await withTable { connection in
            let error = try #require(throws: PostgresError.self) {
                try connection.copy(into: "s.absent", columns: ["id"]) { _ in }
            }
            #expect(error.kind == .server(sqlState: "42P01"))
            #expect(try count(connection) == 0)
        }
    }

    @Test("a row with too few or too many values is refused before it is sent", arguments: [1, 3])
    func wrongCount(values: Int) async throws {
        try await withTable { connection in
            let error = try #require(throws: PostgresError.self) {
                try connection.copy(into: "s.t", columns: ["id", "label"]) { writer in
                    try writer.beginRow(columnCount: 2)
                    for _ in 0..<values { writer.append(1) }
                }
            }
            #expect(error.kind == .usage)
            #expect(try count(connection) == 0)
        }
    }

    @Test("a statement sent in the midst of a COPY is refused, and the COPY goes on") func statementInside()
        async throws
    {
        try await withTable { connection in
            try connection.copy(into: "s.t", columns: ["id"]) { writer in
                try writer.beginRow(columnCount: 1)
                writer.append(1)
                let error = #expect(throws: PostgresError.self) { try connection.query("SELECT 1") }
                #expect(error?.kind == .usage)
            }
            let rows = try count(connection)
            #expect(rows == 1)
        }
    }

    @Test("a COPY in a transaction is committed with it") func inTransaction() async throws {
        try await withTable { connection in
            try connection.transaction { transaction in
                try transaction.copy(into: "s.t", columns: ["id"]) { writer in
                    try writer.beginRow(columnCount: 1)
                    writer.append(1)
                }
                try transaction.execute("INSERT INTO s.t VALUES (\(2))")
            }
            let rows = try count(connection)
            #expect(rows == 2)
        }
    }
}
