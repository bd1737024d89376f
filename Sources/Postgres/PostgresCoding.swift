/// A value that PostgreSQL takes in its binary format.
package protocol PostgresEncodable: Sendable {
    static var postgresType: PostgresType { get }
    /// Appends the payload, big-endian, without the length word before it.
    func encode(into bytes: inout [UInt8])
}

/// A value that is read from PostgreSQL's binary format.
package protocol PostgresDecodable {
    /// Reads one value that is not NULL. `type` is what the server says the column is.
    init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError)
    /// What NULL becomes; nil where a NULL is an error. Only `Optional` has a value for it.
    static var postgresNull: Self? { get }
}

extension PostgresDecodable {
    package static var postgresNull: Self? { nil }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    package init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) {
        self = .some(try Wrapped(postgres: bytes, type: type))
    }

    package static var postgresNull: Self? { .some(.none) }
}

extension [UInt8] {
    @inlinable package mutating func append<Value: FixedWidthInteger>(bigEndian value: Value) {
        // A batch has some two hundred integers an entry. To append each as a collection of bytes takes twice as long.
        append(addingCapacity: MemoryLayout<Value>.size) { span in
            span.withUnsafeMutableBufferPointer { bytes, count in
                UnsafeMutableRawPointer(bytes.baseAddress! + count).storeBytes(of: value.bigEndian, as: Value.self)
                count += MemoryLayout<Value>.size
            }
        }
    }

    /// Appends the length word and the payload of a value; −1 alone stands for NULL.
    @specialized(where Value == Int64)
    @specialized(where Value == String)
    @specialized(where Value == [Int64])
    @specialized(where Value == [Int64?])
    @specialized(where Value == [String])
    package mutating func append<Value: PostgresEncodable>(lengthPrefixed value: Value?) {
        guard let value else { return append(bigEndian: Int32(-1)) }
        let start = count
        append(bigEndian: Int32(0))
        value.encode(into: &self)
        let length = UInt32(truncatingIfNeeded: count - start - 4)
        for byte in 0..<4 { self[start + byte] = UInt8(truncatingIfNeeded: length >> (24 - 8 * byte)) }
    }
}

extension UnsafeRawBufferPointer {
    /// The big-endian integer at a byte offset. The caller has checked that it is there.
    @inlinable package func bigEndianInteger<Value: FixedWidthInteger>(
        at offset: Int = 0, as type: Value.Type = Value.self
    ) -> Value {
        Value(bigEndian: loadUnaligned(fromByteOffset: offset, as: type))
    }
}
