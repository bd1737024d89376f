import Curl

/// Where alerts go. The path of the URL is often a secret of its receiver's, so printing an endpoint shows only the
/// server.
package struct WebhookEndpoint: Sendable, CustomStringConvertible {
    package let url: String
    package let secret: WebhookSecret
    private let origin: HTTPOrigin

    /// - Throws: `.invalidRequest`, with a sentence for whoever entered the URL.
    package init(url: String, secret: WebhookSecret) throws(HTTPError) {
        origin = try HTTPOrigin(url: url)
        self.url = url
        self.secret = secret
    }

    package var description: String { origin.description }
}

extension WebhookEndpoint: CustomDebugStringConvertible, CustomReflectable {
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
