import Postgres
import PostgresTesting
import Testing

@Suite struct ValueTests {
    private func roundTrip<Value>(_ values: [Value]) async throws
    where Value: PostgresEncodable & PostgresDecodable & Equatable {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            for value in values {
                #expect(try connection.query("SELECT \(value)")[0].decode(Value.self, at: 0) == value)
                #expect(try connection.query("SELECT \(value)")[0].decode(Value?.self, at: 0) == value)
            }
            let null: Value? = nil
            let row = try connection.query("SELECT \(null)")[0]
            #expect(row.isNull(at: 0))
            #expect(try row.decode(Value?.self, at: 0) == nil)
            let error = #expect(throws: PostgresError.self) { try row.decode(Value.self, at: 0) }
            #expect(error?.kind == .decoding)
        }
    }

    @Test("booleans come back") func booleans() async throws { try await roundTrip([true, false]) }
    @Test("16-bit integers come back") func int16() async throws { try await roundTrip([Int16.min, -1, 0, .max]) }
    @Test("32-bit integers come back") func int32() async throws { try await roundTrip([Int32.min, -1, 0, .max]) }
    @Test("64-bit integers come back") func int64() async throws { try await roundTrip([Int64.min, -1, 0, .max]) }
    @Test("integers come back") func integers() async throws { try await roundTrip([Int.min, -1, 0, .max]) }

    @Test("text comes back, also empty and with quotes, emoji and line ends") func text() async throws {
        try await roundTrip([
            "", "a", "'; DROP TABLE t; --", "“é€😀”", "\n\t\\\"", String(repeating: "x", count: 100_000),
        ])
    }

    @Test("bytes come back, also none and zeros") func bytes() async throws {
        try await roundTrip([[], [0], Array(0...255)] as [[UInt8]])
    }

    @Test("arrays come back, also empty ones") func arrays() async throws {
        try await roundTrip([[], [1, Int.min, .max]] as [[Int]])
        try await roundTrip([[], [1, .min, .max]] as [[Int16]])
        try await roundTrip([[], [1, .min, .max]] as [[Int32]])
        try await roundTrip([[], [1, .min, .max]] as [[Int64]])
        try await roundTrip([[], [true, false]] as [[Bool]])
        try await roundTrip([[], ["", "a,b", "{}", "NULL", "\"", "é"]] as [[String]])
        try await roundTrip([[], [[], [0, 255]]] as [[[UInt8]]])
    }

    @Test("arrays with NULLs come back") func arraysWithNulls() async throws {
        try await roundTrip([[nil], [1, nil, 3]] as [[Int?]])
        try await roundTrip([[nil, "", nil]] as [[String?]])
    }

    @Test("a NULL in an array of values that cannot be NULL is an error") func unexpectedNull() async throws {
        try await TestDatabase.with { database in
            let row = try database.connect().query("SELECT ARRAY[1::int8, NULL]")[0]
            let error = #expect(throws: PostgresError.self) { try row.decode([Int].self, at: 0) }
            #expect(error?.kind == .decoding)
        }
    }

    @Test("an array of two dimensions is refused, not flattened") func twoDimensions() async throws {
        try await TestDatabase.with { database in
            let row = try database.connect().query("SELECT ARRAY[[1::int8, 2], [3, 4]]")[0]
            #expect(throws: PostgresError.self) { try row.decode([Int].self, at: 0) }
        }
    }

    @Test(
        "other types of the server are read where nothing is lost",
        arguments: [
            ("-5::int2", "-5"), ("-5::int4", "-5"), ("'x'::varchar", "x"), ("'x'::name", "x"), ("'x'::char(2)", "x "),
            ("'{\"a\": 1}'::jsonb", "{\"a\": 1}"), ("'{\"a\":1}'::json", "{\"a\":1}"), ("'x'", "x"),
        ])
    func otherTypes(expression: String, expected: String) async throws {
        try await TestDatabase.with { database in
            let row = try database.connect().query("SELECT \(unescaped: expression)")[0]
            if let number = Int(expected) {
                #expect(try row.decode(Int.self, at: 0) == number)
                #expect(try row.decode(Int64.self, at: 0) == Int64(number))
            } else {
                #expect(try row.decode(String.self, at: 0) == expected)
            }
        }
    }

    @Test("an enum of the database is read as text") func enumeration() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            try connection.executeScript("CREATE TYPE colour AS ENUM ('red', 'green')")
            #expect(try connection.query("SELECT \("green")::colour")[0].decode(String.self, at: 0) == "green")
        }
    }

    @Test(
        "a value of another type is an error, never a wrong value",
        arguments: ["1::int8", "1.5::numeric", "now()", "true", "'\\x00'::bytea", "ARRAY[1]"])
    func mismatch(expression: String) async throws {
        try await TestDatabase.with { database in
            let row = try database.connect().query("SELECT \(unescaped: expression)")[0]
            let error = #expect(throws: PostgresError.self) { try row.decode(String.self, at: 0) }
            #expect(error?.kind == .decoding)
            #expect(throws: PostgresError.self) { try row.decode(Int32.self, at: 0) }
            #expect(throws: PostgresError.self) { try row.decode([String].self, at: 0) }
        }
    }

    @Test("a text with a zero byte is refused by the server, not cut") func zeroByte() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            let error = #expect(throws: PostgresError.self) { try connection.query("SELECT \("a\u{0}b")") }
            #expect(error?.kind == .server(sqlState: "22021"))
        }
    }
}

@Suite struct NumericTests {
    @Test(
        "whole numbers of any size are read, whatever number type they have",
        arguments: [
            "0", "-1", "9999", "10000", "-10000", "100000000", "123456789012345678901234567890",
            "9223372036854775807", "-9223372036854775808", "18446744073709551614",
            "170141183460469231731687303715884105727", "-170141183460469231731687303715884105727", "5.000",
        ])
    func whole(text: String) async throws {
        try await TestDatabase.with { database in
            let row = try database.connect().query("SELECT \(text)::text::numeric, 7::int2, 7::int4, 7::int8")[0]
            let wanted = Int128(text.split(separator: ".")[0])
            #expect(try row.decode(Int128.self, at: 0) == wanted)
            for column in 1...3 { #expect(try row.decode(Int128.self, at: column) == 7) }
        }
    }

    @Test(
        "what is no whole number of 128 bits is not read",
        arguments: ["0.5", "-12345.0001", "NaN", "170141183460469231731687303715884105728", "1e60"])
    func others(text: String) async throws {
        try await TestDatabase.with { database in
            let row = try database.connect().query("SELECT \(text)::text::numeric")[0]
            let error = #expect(throws: PostgresError.self) { try row.decode(Int128.self, at: 0) }
            #expect(error?.kind == .decoding)
        }
    }
}
