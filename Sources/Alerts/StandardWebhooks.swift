import Crypto
import Foundation

/// Signs messages, so that a receiver can check that a message comes from Purser and is fresh:
/// https://www.standardwebhooks.com, version 1.
package enum StandardWebhooks {
    /// - Parameter timestampSeconds: the time of this attempt. Receivers refuse messages that are minutes old.
    /// - Returns: `v1,` and the base64 of the HMAC-SHA256 of `id.timestamp.body`.
    package static func sign(id: String, timestampSeconds: Int64, body: [UInt8], secret: WebhookSecret) -> String {
        var signature = HMAC<SHA256>(key: secret.key)
        signature.update(data: Array("\(id).\(timestampSeconds).".utf8))
        signature.update(data: body)
        return "v1," + Data(signature.finalize()).base64EncodedString()
    }

    static func headers(
        for message: AlertMessage, timestampSeconds: Int64, secret: WebhookSecret
    ) -> [(name: String, value: String)] {
        let signature = sign(id: message.id, timestampSeconds: timestampSeconds, body: message.body, secret: secret)
        return [
            ("Content-Type", "application/json"),
            ("webhook-id", message.id),
            ("webhook-timestamp", String(timestampSeconds)),
            ("webhook-signature", signature),
        ]
    }
}
