import Accounting
import Crypto

/// What lets a request for a token come twice, and get the same token.
///
/// A token's text is nowhere stored. It is computed again from the text of the caller's own token, which nobody has stored
/// either, and a salt in the database, which is deleted after a day. Neither opens anything without the other.
package struct TokenRequest: Sendable {
    /// For how long a request may be sent again.
    static let days: Int32 = 1

    /// Why a token that was made before is not given again.
    package enum Obstacle: Sendable {
        case otherContent, otherCaller, revoked
    }

    /// Chosen by the caller.
    let key: String
    private let callerToken: String

    package init(key: String, callerToken: String) {
        self.key = key
        self.callerToken = callerToken
    }

    func secret(salt: [UInt8]) -> [UInt8] {
        let message = salt + Array("purser token \(key)".utf8)
        return Array(
            HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: Array(callerToken.utf8))))
    }
}
