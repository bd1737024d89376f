import Crypto
import Foundation

/// The key with which a receiver checks an alert. Its text is `whsec_` and the base64 of 24 to 64 bytes, as Standard
/// Webhooks specifies. Printing a secret shows nothing of the key.
package struct WebhookSecret: Sendable {
    private static let prefix = "whsec_"
    private static let allowedBytes = 24...64

    let key: SymmetricKey

    /// - Returns: nil for a text of any other form.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), let bytes = Data(base64Encoded: String(text.dropFirst(Self.prefix.count))),
            Self.allowedBytes.contains(bytes.count)
        else { return nil }
        key = SymmetricKey(data: bytes)
    }

    private init(key: SymmetricKey) {
        self.key = key
    }

    /// 32 bytes from the system's secure source of randomness.
    package static func generate() -> WebhookSecret {
        WebhookSecret(key: SymmetricKey(size: .bits256))
    }

    /// The secret itself: to be stored, and shown once to the person who owns the receiver.
    package var revealed: String {
        Self.prefix + key.withUnsafeBytes { Data($0) }.base64EncodedString()
    }
}

extension WebhookSecret: CustomStringConvertible {
    package var description: String { "whsec_(redacted)" }
}
