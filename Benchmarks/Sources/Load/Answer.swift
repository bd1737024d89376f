/// A complete HTTP response in a connection's buffer.
struct Answer {
    let status: Int
    let body: Slice<UnsafeBufferPointer<UInt8>>

    /// Nil until the whole response has arrived.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count > 12, let blank = bytes[...].position(after: "\r\n\r\n") else { return nil }
        var length: Int?
        var line = bytes.startIndex
        while line < blank {
            let end = bytes[line..<blank].position(after: "\r\n") ?? blank
            length = length ?? Self.contentLength(bytes[line..<end])
            line = end
        }
        guard let length else { fatalError("An answer without Content-Length is more than this client reads.") }
        guard bytes.count >= blank + length else { return nil }
        status = bytes[9..<12].reduce(0) { $0 * 10 + Int($1 &- UInt8(ascii: "0")) }
        body = bytes[blank..<blank + length]
    }

    private static func contentLength(_ line: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        let name: StaticString = "content-length:"
        let (length, start) = (name.utf8CodeUnitCount, line.startIndex)
        // The upper-case and lower-case forms of an ASCII letter differ in one bit, 0x20.
        guard line.count > length, (0..<length).allSatisfy({ line[start + $0] | 0x20 == name.utf8Start[$0] | 0x20 })
        else { return nil }
        let zero = UInt8(ascii: "0")
        return line[(start + length)...].reduce(0) { (zero...zero + 9).contains($1) ? $0 * 10 + Int($1 - zero) : $0 }
    }

    var holdID: [UInt8]? {
        guard let start = body.position(after: #""hold_id":""#) else { return nil }
        return body[start...].firstIndex(of: UInt8(ascii: "\"")).map { Array(body[start..<$0]) }
    }

    func count(of text: StaticString) -> Int {
        var (count, rest) = (0, body)
        while let end = rest.position(after: text) {
            count += 1
            rest = rest[end...]
        }
        return count
    }
}

extension Slice<UnsafeBufferPointer<UInt8>> {
    /// The end of the first occurrence of `text`.
    func position(after text: StaticString) -> Int? {
        let (length, first) = (text.utf8CodeUnitCount, text.utf8Start[0])
        guard count >= length else { return nil }
        for start in startIndex...(endIndex - length) where base[start] == first {
            if (1..<length).allSatisfy({ base[start + $0] == text.utf8Start[$0] }) { return start + length }
        }
        return nil
    }
}
