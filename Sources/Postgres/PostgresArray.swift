/// A value whose PostgreSQL type has an array type, so that `[Self]` can be bound and read.
///
/// A type that is both encodable and decodable only has to name its array type.
package protocol PostgresArrayElement: Sendable {
    static var postgresArrayType: PostgresType { get }
    static func encode(array: [Self], into bytes: inout [UInt8])
    static func decode(array bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) -> [Self]
}

extension PostgresArrayElement where Self: PostgresEncodable & PostgresDecodable {
    @specialized(where Self == Int64)
    @specialized(where Self == String)
    package static func encode(array: [Self], into bytes: inout [UInt8]) {
        ArrayFormat.appendHeader(count: array.count, hasNull: false, element: postgresType, to: &bytes)
        for value in array { bytes.append(lengthPrefixed: value) }
    }

    package static func decode(
        array bytes: UnsafeRawBufferPointer, type: PostgresType
    ) throws(PostgresError) -> [Self] {
        try ArrayFormat.elements(of: bytes, type: type)
    }
}

extension Optional: PostgresArrayElement
where Wrapped: PostgresArrayElement & PostgresEncodable & PostgresDecodable {
    package static var postgresArrayType: PostgresType { Wrapped.postgresArrayType }

    @specialized(where Wrapped == Int64)
    @specialized(where Wrapped == String)
    package static func encode(array: [Wrapped?], into bytes: inout [UInt8]) {
        let hasNull = array.contains { $0 == nil }
        ArrayFormat.appendHeader(count: array.count, hasNull: hasNull, element: Wrapped.postgresType, to: &bytes)
        for value in array { bytes.append(lengthPrefixed: value) }
    }

    package static func decode(
        array bytes: UnsafeRawBufferPointer, type: PostgresType
    ) throws(PostgresError) -> [Wrapped?] {
        try ArrayFormat.elements(of: bytes, type: type)
    }
}

extension Array: PostgresArrayElement where Element == UInt8 {
    package static var postgresArrayType: PostgresType { .byteaArray }
}

extension Array: PostgresEncodable where Element: PostgresArrayElement {
    package static var postgresType: PostgresType { Element.postgresArrayType }
    package func encode(into bytes: inout [UInt8]) { Element.encode(array: self, into: &bytes) }
}

extension Array: PostgresDecodable where Element: PostgresArrayElement {
    package init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) {
        self = try Element.decode(array: bytes, type: type)
    }
}

/// The binary format of an array, as `array_recv` and `array_send` in the server define it: the number of dimensions,
/// whether it has NULLs, the element type, the length and lower bound of each dimension, and then each element.
enum ArrayFormat {
    static func appendHeader(count: Int, hasNull: Bool, element: PostgresType, to bytes: inout [UInt8]) {
        bytes.append(bigEndian: Int32(count == 0 ? 0 : 1))
        bytes.append(bigEndian: Int32(hasNull ? 1 : 0))
        bytes.append(bigEndian: element.oid)
        guard count > 0 else { return }
        bytes.append(bigEndian: Int32(truncatingIfNeeded: count))
        bytes.append(bigEndian: Int32(1))
    }

    static func elements<Value: PostgresDecodable>(
        of bytes: UnsafeRawBufferPointer, type: PostgresType
    ) throws(PostgresError) -> [Value] {
        guard bytes.count >= 12 else { throw .mismatch(type, read: [Value].self) }
        let dimensions: Int32 = bytes.bigEndianInteger()
        let elementType = PostgresType(oid: bytes.bigEndianInteger(at: 8))
        if dimensions == 0 { return [] }
        guard dimensions == 1, bytes.count >= 20 else { throw .mismatch(type, read: [Value].self) }
        let count = Int(bytes.bigEndianInteger(at: 12, as: Int32.self))
        // Each element takes at least the 4 bytes of its length, so a header that counts more elements than that is
        // wrong.
        guard count >= 0, count <= (bytes.count - 20) / 4 else { throw .mismatch(type, read: [Value].self) }
        var values: [Value] = []
        values.reserveCapacity(count)
        var offset = 20
        for _ in 0..<count {
            guard offset + 4 <= bytes.count else { throw .mismatch(type, read: [Value].self) }
            let length = Int(bytes.bigEndianInteger(at: offset, as: Int32.self))
            offset += 4
            if length < 0 {
                guard let null = Value.postgresNull else { throw .unexpectedNull(read: Value.self) }
                values.append(null)
                continue
            }
            guard offset + length <= bytes.count else { throw .mismatch(type, read: [Value].self) }
            let element = UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + length)])
            values.append(try Value(postgres: element, type: elementType))
            offset += length
        }
        return values
    }
}
