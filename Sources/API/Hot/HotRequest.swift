import HummingbirdCore
import NIOCore
import NIOHTTP1

/// A request to a hot route (see `HotRoute`).
struct HotRequest: Sendable {
    let route: HotRoute
    /// The `Authorization` header as it was sent; nil where it is missing or was sent more than once.
    let authorization: String?
    /// Whether the client waits for `100 Continue` before it sends the body.
    let expectsContinue: Bool
    /// Whether the client skips interim responses, as every client of HTTP/1.1 does.
    let knowsInterimResponses: Bool
    let trace: RequestTrace
    var principal: Principal?
    private(set) var body = ByteBuffer()
    private let announcedBytes: Int
    /// The URI of the few requests that send more than the path of the route, such as a query.
    private let longerURI: String?
    let startedAt = NIODeadline.now()

    init(_ route: HotRoute, _ head: HTTPRequestHead) {
        self.route = route
        var expectsContinue = false
        knowsInterimResponses = head.version == .http1_1
        longerURI = head.uri.utf8.count == route.path.utf8.count ? nil : head.uri
        var authorization: String?
        var authorizations = 0
        var requestID: String?
        var traceparent: String?
        var announcedBytes = 0
        for (name, value) in head.headers {
            // The length tells most fields apart without a look at their names.
            switch name.utf8.count {
            case 6 where name.isHeader("expect"): expectsContinue = head.version != .http1_0
            case 11 where name.isHeader("traceparent"): traceparent = value
            case 12 where name.isHeader("x-request-id"): requestID = value
            case 13 where name.isHeader("authorization"):
                authorization = value
                authorizations += 1
            case 14 where name.isHeader("content-length"): announcedBytes = Int(value) ?? 0
            default: break
            }
        }
        trace = RequestTrace(id: requestID, traceparent: traceparent)
        self.expectsContinue = expectsContinue
        self.authorization = authorizations == 1 ? authorization : nil
        self.announcedBytes = announcedBytes
    }

    /// Throws where the request has query parameters: no hot route reads any.
    func refuseQuery() throws(Problem) {
        if let longerURI { _ = try QueryParameters(URI(longerURI), declared: []) }
    }

    mutating func append(_ bytes: ByteBuffer) {
        if body.readableBytes == 0 {
            body = bytes
        } else {
            body.writeImmutableBuffer(bytes)
        }
    }

    mutating func forgetBody() { body = ByteBuffer() }

    /// Whether the announced length or the bytes received so far exceed the limit of the route.
    var isTooLarge: Bool { max(announcedBytes, body.readableBytes) > route.maximumBodyBytes }
}
