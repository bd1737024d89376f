import Postgres

/// Rows of the ledger as one parameter: an array of the table's row type, in the binary form that `array_recv` and
/// `record_recv` in the server read.
struct LedgerRows: PostgresEncodable {
    static var postgresType: PostgresType { .inferred }

    /// The oid of the row type, which differs from database to database.
    let rowType: UInt32
    /// For each row, the values of all columns in table order, each after its length.
    let rows: [[UInt8]]

    static func row(_ entry: BookedEntry) -> [UInt8] {
        var row = BinaryRow()
        for column in BookedEntry.columns { column.append(entry, &row) }
        return row.bytes
    }

    func encode(into bytes: inout [UInt8]) {
        let types = BookedEntry.columns.map(\.type.oid)
        bytes.reserveCapacity(bytes.count + rows.reduce(20) { $0 + $1.count + 8 + 4 * types.count })
        bytes.append(bigEndian: Int32(rows.isEmpty ? 0 : 1))
        bytes.append(bigEndian: Int32(0))
        bytes.append(bigEndian: rowType)
        guard !rows.isEmpty else { return }
        bytes.append(bigEndian: Int32(truncatingIfNeeded: rows.count))
        bytes.append(bigEndian: Int32(1))
        for row in rows {
            bytes.append(bigEndian: Int32(truncatingIfNeeded: 4 + 4 * types.count + row.count))
            bytes.append(bigEndian: Int32(truncatingIfNeeded: types.count))
            row.withUnsafeBytes { values in
                var start = 0
                for type in types {
                    let length = values.bigEndianInteger(at: start, as: Int32.self)
                    let end = start + 4 + Int(max(length, 0))
                    bytes.append(bigEndian: type)
                    bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: values[start..<end]))
                    start = end
                }
            }
        }
    }
}
