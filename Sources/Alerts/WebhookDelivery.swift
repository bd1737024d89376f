import Curl

/// Sends messages as Standard Webhooks describes. The caller decides when to try again and what to store.
package struct WebhookDelivery: Sendable {
    /// Enough to read the whole answer of any receiver, so that the connection can be used again.
    private static let maxResponseBytes = 16_384

    private let client: HTTPClient
    private let timeoutSeconds: Int

    /// - Parameter timeoutSeconds: Standard Webhooks recommends 15 to 30.
    package init(client: HTTPClient, timeoutSeconds: Int = 20) {
        self.client = client
        self.timeoutSeconds = timeoutSeconds
    }

    /// Why nothing is sent to a URL, as one sentence for the person who entered it; nil if it may be tried. An address
    /// behind a name is looked at only when it is connected to.
    package func refusal(of url: String) -> String? {
        do throws(HTTPError) {
            let endpoint = try WebhookEndpoint(url: url, secret: .generate())
            return client.addressRule.refuses(endpoint.origin) ? refusedAddress(endpoint) : nil
        } catch {
            return error.description
        }
    }

    /// The same sentence for every address that is refused, whatever is or is not there.
    private func refusedAddress(_ endpoint: WebhookEndpoint) -> String {
        let refused = HTTPError.refusedAddress(endpoint.origin, by: client.addressRule).description
        guard client.addressRule == .publicOnly else { return refused }
        return
            "\(refused) Where alerts may go to private addresses, run the server with PURSER_ALERTS_ALLOW_PRIVATE=true."
    }

    /// Makes one attempt. The signature has the time of the attempt, so that a receiver does not refuse a late attempt
    /// as old.
    package func attempt(
        _ message: AlertMessage, to endpoint: WebhookEndpoint, nowSeconds: Int64
    ) async -> DeliveryOutcome {
        let request = HTTPRequest(
            method: "POST", url: endpoint.url,
            headers: StandardWebhooks.headers(for: message, timestampSeconds: nowSeconds, secret: endpoint.secret),
            body: message.body, timeoutSeconds: timeoutSeconds, maxResponseBytes: Self.maxResponseBytes,
            overflow: .truncates)
        do {
            return outcome(of: try await client.send(request), from: endpoint, nowSeconds: nowSeconds)
        } catch {
            switch error.kind {
            case .cancelled: return .cutShort
            case .refusedAddress: return .failed(reason: refusedAddress(endpoint), retryAfterSeconds: nil)
            default: return .failed(reason: error.description, retryAfterSeconds: nil)
            }
        }
    }

    private func outcome(
        of response: HTTPResponse, from endpoint: WebhookEndpoint, nowSeconds: Int64
    ) -> DeliveryOutcome {
        switch response.status {
        case 200...299:
            return .delivered(status: response.status)
        case 410:
            return .rejectedForGood(reason: "\(endpoint) answered 410 Gone: it wants no more messages.")
        case 300...399:
            return .failed(
                reason: "\(endpoint) answered \(response.status); redirects are not followed, so set the final URL.",
                retryAfterSeconds: nil)
        default:
            let asked = response.retryAfterSeconds(nowSeconds: nowSeconds)
            return .failed(
                reason: "\(endpoint) answered \(response.status).",
                retryAfterSeconds: asked.map { min($0, RetrySchedule.maxDelaySeconds) })
        }
    }
}
