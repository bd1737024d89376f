import Curl

/// The receiver of alerts. The path of its URL is often a secret, so printing an endpoint shows only the scheme, the
/// host and the port.
package struct WebhookEndpoint: Sendable, CustomStringConvertible {
    package let url: String
    package let secret: WebhookSecret
    let origin: HTTPOrigin

    /// - Throws: `.invalidRequest`, with a sentence for the person who entered the URL.
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
