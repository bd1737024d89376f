/// A whole number of PostgreSQL's `numeric` or of one of its integer types, such as a sum of `bigint`.
extension Int128: PostgresDecodable {
    /// The binary format, as `numeric_send` in the server defines it: the number of digits, the power of the first one,
    /// the sign, the number of decimal places to show, and the digits. A digit is a number from 0 to 9999.
    package init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) {
        guard type == .numeric else {
            self = Int128(try Int64(postgres: bytes, type: type))
            return
        }
        guard bytes.count >= 8 else { throw .mismatch(type, read: Self.self) }
        let digitCount = Int(bytes.bigEndianInteger(as: Int16.self))
        let power = Int(bytes.bigEndianInteger(at: 2, as: Int16.self))
        let sign = bytes.bigEndianInteger(at: 4, as: UInt16.self)
        guard digitCount >= 0, bytes.count == 8 + 2 * digitCount, sign == 0 || sign == 0x4000 else {
            throw .mismatch(type, read: Self.self)
        }
        var value: Int128 = 0
        for place in 0..<Swift.max(digitCount, power + 1) {
            let digit = place < digitCount ? bytes.bigEndianInteger(at: 8 + 2 * place, as: Int16.self) : 0
            if place > power {
                guard digit == 0 else { throw .mismatch(type, read: Self.self) }
                continue
            }
            let (tens, isOver) = value.multipliedReportingOverflow(by: 10_000)
            let (next, isOverAgain) = tens.subtractingReportingOverflow(Int128(digit))
            guard !isOver, !isOverAgain else { throw .mismatch(type, read: Self.self) }
            value = next
        }
        // Built as a negative number, because only negative numbers reach the smallest value.
        guard sign == 0 else {
            self = value
            return
        }
        guard value != .min else { throw .mismatch(type, read: Self.self) }
        self = -value
    }
}
