/// One HTTP request to send. The URL may hold a secret in its path, so it is never printed.
package struct HTTPRequest: Sendable {
    /// What happens when the answer's body is larger than `maxResponseBytes`.
    package enum Overflow: Sendable {
        /// The request fails with `.tooLarge`.
        case fails
        /// The rest is not read; status, headers and the first bytes are the response.
        case truncates
        /// All of it goes to `receive`, and the first bytes are the response.
        case streams
    }

    package var method: String
    /// `http` or `https`, without user name and password.
    package var url: String
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// The limit for the whole exchange, from the first attempt to connect to the last byte read.
    package var timeoutSeconds: Int
    /// A redirected POST becomes a GET without a body, as in browsers; at most five are followed.
    package var followsRedirects: Bool
    package var maxResponseBytes: Int
    package var overflow: Overflow
    /// Gets each part of the body of a successful answer as it arrives, beside the response that has all of it.
    package var receive: (@Sendable (UnsafeRawBufferPointer) -> Void)?

    package init(
        method: String, url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        timeoutSeconds: Int, followsRedirects: Bool = false, maxResponseBytes: Int, overflow: Overflow = .fails
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeoutSeconds = timeoutSeconds
        self.followsRedirects = followsRedirects
        self.maxResponseBytes = maxResponseBytes
        self.overflow = overflow
    }

    /// Refuses control characters, because a line break in a method or header would let its author add other headers.
    func validate(at origin: HTTPOrigin) throws(HTTPError) {
        guard !method.isEmpty, method.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }) else {
            throw HTTPError(.invalidRequest, "The HTTP method must be upper-case letters.")
        }
        for header in headers {
            guard !header.name.isEmpty, header.name.utf8.allSatisfy(Self.isTokenByte) else {
                throw HTTPError(.invalidRequest, "A header name for \(origin) has characters HTTP does not allow.")
            }
            guard header.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw HTTPError(.invalidRequest, "The header \(header.name) for \(origin) has control characters.")
            }
        }
        guard (1...86_400).contains(timeoutSeconds), maxResponseBytes >= 0 else {
            throw HTTPError(.invalidRequest, "The time limit for \(origin) must be 1 to 86400 seconds.")
        }
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default:
            "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
