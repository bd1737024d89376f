/// The events that go to the server in one request, and the lines of the file that they came from, together with what was
/// refused between them: refusals are told in the order of lines, whoever refuses.
struct EventChunk {
    struct Refusal: Equatable {
        var line: Int
        var detail: String
    }

    private(set) var body: [UInt8] = []
    private(set) var lines: [Int] = []
    private(set) var refusals: [Refusal] = []

    static let maximumEvents = 10_000
    static let maximumBytes = 32 << 20

    var hasEvents: Bool { !lines.isEmpty }

    func hasRoom(for json: [UInt8]) -> Bool {
        lines.count + refusals.count < Self.maximumEvents && body.count + json.count + 1 <= Self.maximumBytes
    }

    mutating func append(_ json: [UInt8], line: Int) {
        body += json
        body.append(UInt8(ascii: "\n"))
        lines.append(line)
    }

    mutating func refuse(line: Int, _ detail: String) { refusals.append(Refusal(line: line, detail: detail)) }

    /// Those that were refused here and those that the server refused.
    func refusals(with others: [Refusal]) -> [Refusal] { (refusals + others).sorted { $0.line < $1.line } }
}
