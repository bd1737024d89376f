import HTTPTypes
import NIOCore
import Synchronization

/// What ties an answer to its request and to the lines of the log.
struct RequestTrace: Sendable {
    /// The client's `x-request-id`, or one of this server where the client sent none that can be used.
    let id: String
    /// The client's `traceparent` (W3C Trace Context), which is given back as it came.
    let traceparent: String?

    init(id: String?, traceparent: String?) {
        self.id = id.flatMap { Self.isID($0) ? $0 : nil } ?? Self.nextID()
        self.traceparent = traceparent.flatMap { Self.isTraceparent($0) ? $0 : nil }
    }

    init() { self.init(id: nil, traceparent: nil) }

    init(_ headers: HTTPFields) { self.init(id: headers[.requestID], traceparent: headers[.traceparent]) }

    private static let maximumIDBytes = 128
    private static let count = Atomic<UInt64>(0)
    /// Differs from start to start. With it an id fits into a string without an allocation, up to 10^12 requests.
    private static let prefix = String(UInt32.random(in: 60_466_176..<2_176_782_336), radix: 36) + "-"

    private static func nextID() -> String {
        prefix + String(count.wrappingAdd(1, ordering: .relaxed).newValue, radix: 36)
    }

    /// Whether the text may stand in a header and in a line of the log.
    private static func isID(_ text: String) -> Bool {
        (1...maximumIDBytes).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    /// Whether the text is of version 00: `00-<32 hex digits>-<16>-<2>`.
    private static func isTraceparent(_ text: String) -> Bool {
        let lengths = [2, 32, 16, 2]
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return parts.map(\.count) == lengths && parts[0].elementsEqual("00".utf8)
            && parts.allSatisfy { part in
                part.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
            }
    }

    func write(to buffer: inout ByteBuffer) {
        buffer.writeStaticString("\r\nx-request-id: ")
        buffer.writeString(id)
        guard let traceparent else { return }
        buffer.writeStaticString("\r\ntraceparent: ")
        buffer.writeString(traceparent)
    }

    func write(to headers: inout HTTPFields) {
        headers[.requestID] = id
        if let traceparent { headers[.traceparent] = traceparent }
    }
}

extension HTTPField.Name {
    fileprivate static let requestID = HTTPField.Name("x-request-id")!
    fileprivate static let traceparent = HTTPField.Name("traceparent")!
}
