import Foundation

/// A hash of a few fields, for tables that compare each match in full. The standard hasher takes several times as long
/// for a text, and a call has about ten texts.
///
/// Each process uses a seed of its own, so that nobody outside can choose texts that collide.
struct QuickHash {
    private static let seed = UInt64.random(in: .min ... .max)
    private static let factor: UInt64 = 0x9E37_79B9_7F4A_7C15

    private(set) var value: UInt64

    init() { value = Self.seed }

    init(_ text: String) {
        self.init()
        combine(text)
    }

    @inline(__always)
    mutating func combine(_ word: UInt64) {
        let (high, low) = (value ^ word).multipliedFullWidth(by: Self.factor)
        value = (high ^ low) &+ Self.factor
    }

    mutating func combine(_ number: Int64) { combine(UInt64(bitPattern: number)) }

    mutating func combine(_ text: String?) {
        if let text { combine(text) } else { combine(UInt64.max) }
    }

    mutating func combine(_ text: String) {
        let start = value
        let isASCII = text.utf8.withContiguousStorageIfAvailable { combine(UnsafeRawBufferPointer($0)) }
        if isASCII == true { return }
        // Swift treats some texts with different bytes as equal. Their normal forms have the same bytes, so those are
        // hashed.
        value = start
        Array(text.precomposedStringWithCanonicalMapping.utf8).withUnsafeBytes { _ = combine($0) }
    }

    /// Returns whether all of `bytes` are ASCII. The last word may repeat bytes of the word before. The hash stays
    /// unambiguous because the byte count comes first.
    private mutating func combine(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let count = bytes.count
        combine(UInt64(count))
        var all: UInt64 = 0
        func add(_ word: UInt64) {
            all |= word
            combine(word)
        }
        if count >= 8 {
            for index in stride(from: 0, to: count - 8, by: 8) {
                add(bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            }
            add(bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self))
        } else if count >= 4 {
            let first = UInt64(bytes.loadUnaligned(as: UInt32.self))
            add(first << 32 | UInt64(bytes.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)))
        } else if count > 0 {
            add(UInt64(bytes[0]) << 16 | UInt64(bytes[count / 2]) << 8 | UInt64(bytes[count - 1]))
        }
        return all & 0x8080_8080_8080_8080 == 0
    }
}
