import NIOHTTP1

/// Why a request cannot have the answer of a route: its bytes are not HTTP, or did not arrive in time. Where it ends is
/// not known then, so its answer is the last one of its connection.
struct RequestFault: Error {
    let problem: Problem

    private init(_ code: Problem.Code, _ detail: String) { problem = Problem(code, detail) }

    static func malformed(_ detail: String) -> RequestFault { RequestFault(.malformedRequest, detail) }

    static let headTooLarge = RequestFault(
        .headTooLarge,
        """
        The head of the request is too large: \(ConnectionLimits.maximumHeaderFields) header fields and \
        \(ConnectionLimits.maximumHeadBytes >> 10) KiB are taken, \(ConnectionLimits.maximumFramingBytes >> 10) KiB \
        with spaces and line ends.
        """)

    static let tooMuchAroundChunks = malformed("There is too much around the chunks of the body.")

    static let late = RequestFault(.requestTimeout, "The request did not arrive in time. Send it again.")

    init(_ error: HTTPParserError) {
        switch error {
        case .headerOverflow: self = .headTooLarge
        case .invalidEOFState, .closedConnection: self = .malformed("The connection ended within the request.")
        case .invalidVersion, .paused: self = .malformed("Purser takes HTTP/1.1 and HTTP/1.0.")
        case .invalidMethod: self = .malformed("The request begins with no method that HTTP knows; upper case counts.")
        case .invalidURL: self = .malformed("The target of the request is neither a path nor a URL.")
        case .invalidHeaderToken: self = .malformed("A header field has a character that may not be there.")
        case .invalidContentLength, .unexpectedContentLength:
            self = .malformed("The Content-Length must be one number, without Transfer-Encoding beside it.")
        case .invalidChunkSize: self = .malformed("The body is not chunked as HTTP has it.")
        default: self = .malformed("The request is not HTTP/1.1.")
        }
    }
}
