extension Bool: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .bool }
    package static var postgresArrayType: PostgresType { .boolArray }
    package func encode(into bytes: inout [UInt8]) { bytes.append(self ? 1 : 0) }

    package init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) {
        guard type == .bool, bytes.count == 1 else { throw .mismatch(type, read: Self.self) }
        self = bytes[0] != 0
    }
}

extension String: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .text }
    package static var postgresArrayType: PostgresType { .textArray }
    package func encode(into bytes: inout [UInt8]) { bytes.append(contentsOf: utf8) }

    package init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) {
        var payload = bytes[...]
        switch type {
        case .text, .varchar, .bpchar, .name, .unknown, .json: break
        // The binary form of jsonb is a version, which has been 1 since 9.4, and the text.
        case .jsonb where bytes.first == 1: payload.removeFirst()
        case _ where type.oid >= PostgresType.firstUserDefinedOid: break
        default: throw .mismatch(type, read: Self.self)
        }
        guard let text = String(validating: payload, as: UTF8.self) else { throw .mismatch(type, read: Self.self) }
        self = text
    }
}

/// `[UInt8]` is `bytea`: the one array that is not an array in PostgreSQL.
extension UInt8: PostgresArrayElement {
    package static var postgresArrayType: PostgresType { .bytea }

    package static func encode(array: [UInt8], into bytes: inout [UInt8]) { bytes.append(contentsOf: array) }

    package static func decode(
        array bytes: UnsafeRawBufferPointer, type: PostgresType
    ) throws(PostgresError) -> [UInt8] {
        guard type == .bytea else { throw .mismatch(type, read: [UInt8].self) }
        return [UInt8](bytes)
    }
}
