/// The bound values of a statement, encoded one after the other in one buffer.
package struct SQLParameters: Sendable {
    private(set) var types: [UInt32] = []
    /// Bytes of each value; −1 is NULL.
    private(set) var lengths: [Int] = []
    private var bytes: [UInt8] = []

    /// The Bind message counts parameters in 16 bits.
    static let maximumCount = 65_535
    /// A field is at most 1 GiB in PostgreSQL (`MaxAllocSize`).
    static let maximumLength = 0x3fff_ffff

    package var count: Int { types.count }
    var byteCount: Int { bytes.count }

    mutating func append<Value: PostgresEncodable>(_ value: Value?) {
        types.append(Value.postgresType.oid)
        guard let value else { return lengths.append(-1) }
        let start = bytes.count
        value.encode(into: &bytes)
        lengths.append(bytes.count - start)
    }

    mutating func append(contentsOf other: SQLParameters) {
        types += other.types
        lengths += other.lengths
        bytes += other.bytes
    }

    func checkLimits() throws(PostgresError) {
        guard count <= Self.maximumCount else {
            throw .usage("a statement has \(count) parameters; at most \(Self.maximumCount) are possible")
        }
        for length in lengths where length > Self.maximumLength {
            throw .usage("a parameter has \(length) bytes; at most \(Self.maximumLength) are possible")
        }
    }

    /// Calls `body` with the arrays libpq wants: a pointer (NULL for NULL), a length and a format for each value.
    func withBinary<Result>(
        _ body: (_ values: [UnsafePointer<CChar>?], _ lengths: [Int32], _ formats: [Int32]) -> Result
    ) -> Result {
        bytes.withUnsafeBytes { buffer in
            // An empty value is not NULL, so it needs some pointer, which is never dereferenced.
            let base = buffer.baseAddress ?? UnsafeRawPointer(bitPattern: MemoryLayout<Int>.alignment)!
            var offset = 0
            let values = lengths.map { length -> UnsafePointer<CChar>? in
                guard length >= 0 else { return nil }
                defer { offset += length }
                return (base + offset).assumingMemoryBound(to: CChar.self)
            }
            let binary = [Int32](repeating: 1, count: count)
            return body(values, lengths.map { Int32(max($0, 0)) }, binary)
        }
    }
}
