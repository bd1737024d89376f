import HTTPTypes
import Hummingbird
import NIOCore

/// The body of a request whose client waits for `100 Continue`. The client is told to go on when the route begins to
/// read, so not where the route refuses the request without the body.
struct ContinuedBody: AsyncSequence, Sendable {
    /// Asks the handler of the connection, as an outbound event, to tell the client.
    struct IsWanted: Sendable {}

    private let body: RequestBody
    private let channel: any Channel

    /// The request, with such a body if its client waits.
    static func asking(_ channel: any Channel, for request: Request) -> Request {
        guard request.headers[.expect] != nil else { return request }
        var request = request
        request.body = RequestBody(asyncSequence: ContinuedBody(body: request.body, channel: channel))
        return request
    }

    func makeAsyncIterator() -> Iterator { Iterator(body: body.makeAsyncIterator(), channel: channel) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var body: RequestBody.AsyncIterator
        fileprivate var channel: (any Channel)?

        mutating func next() async throws -> ByteBuffer? {
            if let channel {
                self.channel = nil
                channel.triggerUserOutboundEvent(IsWanted(), promise: nil)
            }
            return try await body.next()
        }
    }
}
