/// Returns the bytes of chunks one by one. It skips the byte order mark that some programs write before UTF-8.
package struct ByteFeed {
    private let nextChunk: () throws -> [UInt8]
    private var chunk: [UInt8] = []
    private var position = 0
    private var isAtStart = true

    package init(_ bytes: [UInt8]) {
        var rest = bytes
        nextChunk = {
            defer { rest = [] }
            return rest
        }
    }

    /// `nextChunk` returns an empty chunk at the end.
    package init(nextChunk: @escaping () throws -> [UInt8]) { self.nextChunk = nextChunk }

    package mutating func next() throws -> UInt8? {
        guard let byte = try peek() else { return nil }
        position += 1
        return byte
    }

    package mutating func peek() throws -> UInt8? {
        if isAtStart { try skipByteOrderMark() }
        return try fill() ? chunk[position] : nil
    }

    /// Makes `bytes`, which were read last, come again.
    mutating func putBack(_ bytes: ArraySlice<UInt8>) {
        chunk = Array(bytes) + chunk[position...]
        position = 0
    }

    private mutating func fill() throws -> Bool {
        if position == chunk.count {
            chunk = try nextChunk()
            position = 0
        }
        return position < chunk.count
    }

    private mutating func skipByteOrderMark() throws {
        isAtStart = false
        while chunk.count < 3 {
            let more = try nextChunk()
            if more.isEmpty { break }
            chunk += more
        }
        if chunk.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }
}
