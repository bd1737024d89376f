/// Why there is no response. The description is one sentence for a person. It names the server, but never the path, the
/// query, a header or the body, because any of these may hold a secret.
package struct HTTPError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: Sendable, Equatable {
        /// The URL, the method or a header cannot be sent.
        case invalidRequest
        /// The name could not be resolved, or nothing accepted the connection.
        case unreachable
        /// An address that the client's `AddressRule` refuses.
        case refusedAddress
        case timedOut
        /// The connection ended before the whole answer was there. The server may have done what was asked.
        case connectionLost
        /// What answered does not speak HTTP: it may expect a secure connection.
        case notHTTP
        case tooLarge
        /// No secure connection: a certificate was refused.
        case tls
        /// No secure connection: its handshake failed, as where what answers does not speak TLS.
        case handshake
        case cancelled
        case failed
    }

    package var kind: Kind
    package var description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
