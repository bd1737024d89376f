import CPostgres
import Glibc

/// One row of a result. It keeps the whole result in memory.
package struct Row: Sendable {
    let result: ResultHandle
    let index: Int32

    package var columnNames: [String] { result.columnNames }

    /// Reads the column at a position, counted from 0.
    package func decode<Value: PostgresDecodable>(
        _ type: Value.Type = Value.self, at column: Int
    ) throws(PostgresError) -> Value {
        guard column >= 0, column < result.columnCount else {
            throw .usage("column \(column) was read from a result that has \(result.columnCount)")
        }
        let field = Int32(column)
        if PQgetisnull(result.pointer, index, field) != 0 {
            guard let null = Value.postgresNull else { throw .unexpectedNull(read: Value.self) }
            return null
        }
        let length = Int(PQgetlength(result.pointer, index, field))
        let bytes = UnsafeRawBufferPointer(start: PQgetvalue(result.pointer, index, field), count: length)
        return try Value(postgres: bytes, type: PostgresType(oid: PQftype(result.pointer, field)))
    }

    /// Reads the first column of that name, which is compared exactly.
    package func decode<Value: PostgresDecodable>(
        _ type: Value.Type = Value.self, named name: String
    ) throws(PostgresError) -> Value {
        try decode(type, at: position(of: name))
    }

    /// Reads the whole row: `let (id, name) = try row.decode((Int64, String?).self)`.
    package func decode<each Value: PostgresDecodable>(
        _ types: (repeat each Value).Type = (repeat each Value).self
    ) throws(PostgresError) -> (repeat each Value) {
        var column = 0
        func next<Next: PostgresDecodable>(_ type: Next.Type) throws(PostgresError) -> Next {
            defer { column += 1 }
            return try decode(type, at: column)
        }
        let values = (repeat try next((each Value).self))
        guard column == result.columnCount else {
            throw .usage("\(column) columns were read from a result that has \(result.columnCount)")
        }
        return values
    }

    package func isNull(at column: Int) -> Bool {
        precondition(column >= 0 && column < result.columnCount, "column \(column) of \(result.columnCount)")
        return PQgetisnull(result.pointer, index, Int32(column)) != 0
    }

    private func position(of name: String) throws(PostgresError) -> Int {
        // PQfnumber is not used, because it folds case and interprets quotes.
        let position = name.withCString { wanted in
            (0..<result.columnCount).first { strcmp(PQfname(result.pointer, Int32($0)), wanted) == 0 }
        }
        guard let position else { throw .usage("a result has no column named \(name)") }
        return position
    }
}
