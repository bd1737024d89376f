import Wording

/// Reads lines, numbered from 1. It skips lines that hold only white space.
struct TextLines {
    struct Line: Equatable {
        var number: Int
        /// Nil where the line is longer than `maximumLineBytes`.
        var bytes: [UInt8]?
    }

    private var feed: ByteFeed
    private var number = 0

    static let maximumLineBytes = 1 << 20

    init(_ feed: ByteFeed) { self.feed = feed }

    mutating func next() throws -> Line? {
        while try feed.peek() != nil {
            number += 1
            var bytes: [UInt8] = []
            var isTooLong = false
            while let byte = try feed.next(), byte != UInt8(ascii: "\n") {
                if bytes.count < Self.maximumLineBytes { bytes.append(byte) } else { isTooLong = true }
            }
            if isTooLong { return Line(number: number, bytes: nil) }
            if !bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) {
                return Line(number: number, bytes: bytes)
            }
        }
        return nil
    }
}
