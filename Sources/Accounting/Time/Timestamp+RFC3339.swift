extension Timestamp {
    /// Reads `2026-11-21T10:10:00Z`, with any offset and up to nine places of a second (cut to microseconds).
    package init?(rfc3339 text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.count <= 40,
            let year = Self.digits(bytes, 0, 4), bytes[4] == UInt8(ascii: "-"),
            let month = Self.digits(bytes, 5, 2), bytes[7] == UInt8(ascii: "-"),
            let dayOfMonth = Self.digits(bytes, 8, 2),
            [UInt8(ascii: "T"), UInt8(ascii: "t"), UInt8(ascii: " ")].contains(bytes[10]),
            let hour = Self.digits(bytes, 11, 2), hour < 24, bytes[13] == UInt8(ascii: ":"),
            let minute = Self.digits(bytes, 14, 2), minute < 60, bytes[16] == UInt8(ascii: ":"),
            let second = Self.digits(bytes, 17, 2), second <= 60,
            let day = CalendarDay(year: year, month: month, day: dayOfMonth)
        else { return nil }
        var position = 19
        var microsecond: Int64 = 0
        if bytes[position] == UInt8(ascii: ".") {
            let start = position + 1
            position = start
            while position < bytes.count, bytes[position] &- UInt8(ascii: "0") <= 9 {
                if position - start < 6 { microsecond = microsecond * 10 + Int64(bytes[position] - UInt8(ascii: "0")) }
                position += 1
            }
            guard position > start, position - start <= 9 else { return nil }
            for _ in min(6, position - start)..<6 { microsecond *= 10 }
        }
        guard let offsetSeconds = Self.offset(bytes[position...]) else { return nil }
        let seconds = Int64(day.daysSince1970) * 86_400 + Int64(hour * 3600 + minute * 60 + second) - offsetSeconds
        guard Self.writableSeconds.contains(seconds) else { return nil }
        self.init(microseconds: seconds * 1_000_000 + microsecond)
    }

    /// The years 1 to 9999 in UTC, which are all that RFC 3339 can express.
    private static let writableSeconds: Range<Int64> = -62_135_596_800..<253_402_300_800

    private static func digits(_ bytes: [UInt8], _ start: Int, _ count: Int) -> Int? {
        var value = 0
        for byte in bytes[start..<start + count] {
            let digit = byte &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            value = value * 10 + Int(digit)
        }
        return value
    }

    private static func offset(_ bytes: ArraySlice<UInt8>) -> Int64? {
        let bytes = Array(bytes)
        if bytes == [UInt8(ascii: "Z")] || bytes == [UInt8(ascii: "z")] { return 0 }
        guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"), let hours = digits(bytes, 1, 2),
            let minutes = digits(bytes, 4, 2), hours < 24, minutes < 60
        else { return nil }
        let seconds = Int64(hours * 3600 + minutes * 60)
        switch bytes[0] {
        case UInt8(ascii: "+"): return seconds
        case UInt8(ascii: "-"): return -seconds
        default: return nil
        }
    }
}
