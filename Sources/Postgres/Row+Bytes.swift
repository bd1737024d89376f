import CPostgres

extension Row {
    /// The row as the server sent it: each column's length word (−1 for NULL) and payload, in the binary format.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for column in 0..<Int32(result.columnCount) {
            if PQgetisnull(result.pointer, index, column) != 0 {
                bytes.append(bigEndian: Int32(-1))
                continue
            }
            let length = PQgetlength(result.pointer, index, column)
            bytes.append(bigEndian: length)
            bytes.append(
                contentsOf: UnsafeRawBufferPointer(
                    start: PQgetvalue(result.pointer, index, column), count: Int(length)))
        }
        return bytes
    }
}
