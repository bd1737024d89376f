/// Writes integers and texts into memory that must be large enough.
struct ByteWriter {
    private let buffer: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ buffer: UnsafeMutableRawBufferPointer) { self.buffer = buffer }

    mutating func byte(_ byte: UInt8) {
        buffer[count] = byte
        count += 1
    }

    mutating func bytes(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { self.byte(byte) }
    }

    /// Writes seven bits a byte, with the sign moved to the lowest bit (zigzag), so that small numbers stay short.
    mutating func integer(_ value: Int64) {
        var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
        while rest >= 0x80 {
            byte(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        byte(UInt8(rest))
    }

    mutating func text(_ text: String) {
        let length = text.utf8.count
        integer(Int64(length))
        UnsafeMutableRawBufferPointer(rebasing: buffer[count..<(count + length)]).copyBytes(from: text.utf8)
        count += length
    }
}

/// Reads what a `ByteWriter` wrote.
struct ByteReader {
    private var rest: UnsafeRawBufferPointer
    /// Whether more was read than the memory contains.
    private(set) var isExhausted = false

    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }
    var bytesLeft: Int { rest.count }

    private mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
        guard count >= 0, count <= rest.count else {
            isExhausted = true
            return nil
        }
        defer { rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count)) }
        return UnsafeRawBufferPointer(rebasing: rest.prefix(count))
    }

    mutating func byte() -> UInt8 { take(1)?[0] ?? 0 }

    mutating func integer() -> Int64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64 {
            let byte = byte()
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { break }
            shift += 7
        }
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func text() -> String { take(Int(integer())).map { String(decoding: $0, as: UTF8.self) } ?? "" }

    /// An optional text; the empty text stands for nil.
    mutating func name() -> String? {
        let text = text()
        return text.isEmpty ? nil : text
    }
}
