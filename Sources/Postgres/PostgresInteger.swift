extension Int16: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .int2 }
    package static var postgresArrayType: PostgresType { .int2Array }
    package func encode(into bytes: inout [UInt8]) { bytes.append(bigEndian: self) }

    package init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) {
        guard type == .int2, bytes.count == 2 else { throw .mismatch(type, read: Self.self) }
        self = bytes.bigEndianInteger()
    }
}

extension Int32: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .int4 }
    package static var postgresArrayType: PostgresType { .int4Array }
    package func encode(into bytes: inout [UInt8]) { bytes.append(bigEndian: self) }

    package init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) {
        switch (type, bytes.count) {
        case (.int2, 2): self = Int32(bytes.bigEndianInteger(as: Int16.self))
        case (.int4, 4): self = bytes.bigEndianInteger()
        default: throw .mismatch(type, read: Self.self)
        }
    }
}

extension Int64: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .int8 }
    package static var postgresArrayType: PostgresType { .int8Array }
    package func encode(into bytes: inout [UInt8]) { bytes.append(bigEndian: self) }

    package init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) {
        switch (type, bytes.count) {
        case (.int2, 2): self = Int64(bytes.bigEndianInteger(as: Int16.self))
        case (.int4, 4): self = Int64(bytes.bigEndianInteger(as: Int32.self))
        case (.int8, 8): self = bytes.bigEndianInteger()
        default: throw .mismatch(type, read: Self.self)
        }
    }
}

extension Int: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .int8 }
    package static var postgresArrayType: PostgresType { .int8Array }
    package func encode(into bytes: inout [UInt8]) { bytes.append(bigEndian: Int64(self)) }

    package init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) {
        self = Int(try Int64(postgres: bytes, type: type))
    }
}
