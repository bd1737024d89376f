import Curl

/// Sends messages as Standard Webhooks describes. When to try again, and what is kept, is decided elsewhere.
package struct WebhookDelivery: Sendable {
    /// Enough for any receiver's answer to be read whole, so that the connection can be used again.
    private static let maxResponseBytes = 16_384

    private let client: HTTPClient
    private let timeoutSeconds: Int

    /// - Parameter timeoutSeconds: Standard Webhooks recommends 15 to 30.
    package init(client: HTTPClient, timeoutSeconds: Int = 20) {
        self.client = client
        self.timeoutSeconds = timeoutSeconds
    }

    /// One attempt. It is signed with the time of the attempt, so that a late one is not refused as old.
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
            return .failed(reason: error.description, retryAfterSeconds: nil)
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
