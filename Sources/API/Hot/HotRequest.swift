import Ledger
import NIOCore
import NIOHTTP1

/// A request of a hot route.
struct HotRequest: Sendable {
    let route: HotRoute
    /// As it was sent; nil where it is not there, or more than once.
    let authorization: String?
    /// Whether its client wants to send more over the connection.
    let keepsAlive: Bool
    var principal: Principal?
    private(set) var body = ByteBuffer()
    private let announcedBytes: Int
    private let startedAtNanoseconds = SystemClock.monotonicNanoseconds()

    init(_ route: HotRoute, _ head: HTTPRequestHead) {
        self.route = route
        keepsAlive = head.isKeepAlive
        var authorization: String?
        var authorizations = 0
        var announcedBytes = 0
        for (name, value) in head.headers {
            if name.isHeader("authorization") {
                authorization = value
                authorizations += 1
            } else if name.isHeader("content-length") {
                announcedBytes = Int(value) ?? 0
            }
        }
        self.authorization = authorizations == 1 ? authorization : nil
        self.announcedBytes = announcedBytes
    }

    mutating func append(_ bytes: ByteBuffer) {
        if body.readableBytes == 0 {
            body = bytes
        } else {
            body.writeImmutableBuffer(bytes)
        }
    }

    mutating func forgetBody() { body = ByteBuffer() }

    /// Said or streamed.
    var isTooLarge: Bool { max(announcedBytes, body.readableBytes) > route.maximumBodyBytes }

    var ageNanoseconds: Int64 { SystemClock.monotonicNanoseconds() - startedAtNanoseconds }
}

extension String {
    /// Whether this is the name of a header field, which `lowercased` is in lower case.
    fileprivate func isHeader(_ lowercased: StaticString) -> Bool {
        guard utf8.count == lowercased.utf8CodeUnitCount else { return false }
        return lowercased.withUTF8Buffer { expected in zip(utf8, expected).allSatisfy { $0 | 0x20 == $1 | 0x20 } }
    }
}
