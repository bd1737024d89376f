/// The events that go to the server in one request, and the lines of the file that they came from.
struct EventChunk {
    private(set) var body: [UInt8] = []
    private(set) var lines: [Int] = []

    static let maximumEvents = 10_000
    static let maximumBytes = 32 << 20

    var isEmpty: Bool { lines.isEmpty }

    func hasRoom(for json: [UInt8]) -> Bool {
        lines.count < Self.maximumEvents && body.count + json.count + 1 <= Self.maximumBytes
    }

    mutating func append(_ json: [UInt8], line: Int) {
        body += json
        body.append(UInt8(ascii: "\n"))
        lines.append(line)
    }
}
