import Accounting
import Postgres

/// Microseconds between 1970-01-01 and 2000-01-01, the epoch of PostgreSQL's timestamps.
private let postgresEpochMicroseconds: Int64 = 946_684_800_000_000
private let postgresEpochDays: Int32 = 10_957

extension Timestamp: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .timestamptz }
    package static var postgresArrayType: PostgresType { .timestamptzArray }

    package func encode(into bytes: inout [UInt8]) {
        bytes.append(bigEndian: microseconds - postgresEpochMicroseconds)
    }

    package init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) {
        guard type == .timestamptz, bytes.count == 8 else { throw .mismatch(type, read: Self.self) }
        self.init(microseconds: bytes.bigEndianInteger(as: Int64.self) + postgresEpochMicroseconds)
    }
}

extension CalendarDay: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .date }
    package static var postgresArrayType: PostgresType { .dateArray }

    package func encode(into bytes: inout [UInt8]) {
        bytes.append(bigEndian: Int32(truncatingIfNeeded: daysSince1970) - postgresEpochDays)
    }

    package init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) {
        guard type == .date, bytes.count == 4 else { throw .mismatch(type, read: Self.self) }
        self.init(daysSince1970: Int(bytes.bigEndianInteger(as: Int32.self)) + Int(postgresEpochDays))
    }
}
