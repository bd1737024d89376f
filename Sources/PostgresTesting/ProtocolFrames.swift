/// Splits a stream of bytes into messages of PostgreSQL's protocol.
/// https://www.postgresql.org/docs/current/protocol-message-formats.html
struct ProtocolFrames {
    struct Message {
        /// Nil for a client's first message, which has no type.
        let type: Character?
        /// The whole message, as it was sent.
        let bytes: [UInt8]

        /// The zero-terminated text that begins `offset` bytes after the length, and the offset of what follows it.
        func text(at offset: Int = 0) -> (String, next: Int) {
            let start = (type == nil ? 4 : 5) + offset
            let text = bytes[start...].prefix { $0 != 0 }
            return (String(decoding: text, as: UTF8.self), offset + text.count + 1)
        }
    }

    private var buffer: [UInt8] = []
    private var nextHasType: Bool

    init(startsWithType: Bool) { nextHasType = startsWithType }

    mutating func append(_ bytes: [UInt8]) { buffer += bytes }

    /// The next whole message; nil until there is one.
    mutating func next() -> Message? {
        let lengthAt = nextHasType ? 1 : 0
        guard buffer.count >= lengthAt + 4 else { return nil }
        let length = buffer[lengthAt..<lengthAt + 4].reduce(0) { $0 << 8 | Int($1) }
        guard buffer.count >= lengthAt + length else { return nil }
        let bytes = Array(buffer.prefix(lengthAt + length))
        buffer.removeFirst(bytes.count)
        defer { nextHasType = true }
        return Message(type: nextHasType ? Character(Unicode.Scalar(bytes[0])) : nil, bytes: bytes)
    }
}
