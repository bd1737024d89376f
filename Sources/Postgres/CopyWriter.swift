/// Writes the rows of a `COPY` into one buffer, which is sent whenever it is full.
package struct CopyWriter: ~Copyable {
    private let connection: Connection
    private let columnCount: Int
    private var missing = 0
    private var buffer: [UInt8] = []

    private static let chunkBytes = 64 * 1024
    /// https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format": the signature, flags and no extension.
    private static let header: [UInt8] = Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0]

    init(connection: Connection, columnCount: Int) {
        self.connection = connection
        self.columnCount = columnCount
        buffer.reserveCapacity(Self.chunkBytes + Self.chunkBytes / 4)
        buffer += Self.header
    }

    /// Begins a row, which then needs exactly that many values: the number of columns.
    package mutating func beginRow(columnCount: Int) throws(PostgresError) {
        guard columnCount == self.columnCount else {
            throw .usage("a row of \(columnCount) values was begun in a COPY of \(self.columnCount) columns")
        }
        try checkComplete()
        if buffer.count >= Self.chunkBytes { try flush() }
        missing = columnCount
        buffer.append(bigEndian: Int16(truncatingIfNeeded: columnCount))
    }

    /// Appends a whole row whose values, each with its length word, are in the binary format already.
    package mutating func append(row: [UInt8], columnCount: Int) throws(PostgresError) {
        try beginRow(columnCount: columnCount)
        missing = 0
        buffer += row
    }

    package mutating func append(_ value: some PostgresEncodable) {
        missing -= 1
        buffer.append(lengthPrefixed: value)
    }

    /// Appends the value, or NULL where there is none.
    package mutating func append(_ value: (some PostgresEncodable)?) {
        missing -= 1
        buffer.append(lengthPrefixed: value)
    }

    package mutating func appendNull() {
        missing -= 1
        buffer.append(bigEndian: Int32(-1))
    }

    mutating func finish() throws(PostgresError) {
        try checkComplete()
        buffer.append(bigEndian: Int16(-1))
        try flush()
    }

    private func checkComplete() throws(PostgresError) {
        if missing > 0 { throw .usage("a row of a COPY has \(missing) values too few") }
        if missing < 0 { throw .usage("a row of a COPY has \(-missing) values too many") }
    }

    private mutating func flush() throws(PostgresError) {
        try connection.sendCopy(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
