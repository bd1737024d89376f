import Crypto
import Foundation

/// Makes and opens hold ids: a hold in authenticated encryption (AES-256-GCM), URL-safe.
///
/// Every start of a server seals under a key of its own, derived from a versioned key of the database and a random salt
/// that stands in the id. So a counter is enough for a nonce: even a database that was restored from a backup, and
/// hands out replica ids again, never meets the same key and nonce twice.
package struct HoldSeal: Sendable {
    /// The longest id that is made or looked at.
    package static let maximumCharacters = 4096

    private static let saltBytes = 16
    private static let numberBytes = 8
    private static let tagBytes = 16
    private static let headBytes = 1 + saltBytes + numberBytes

    private let keys: [UInt8: SymmetricKey]
    private let salt: [UInt8]
    private let version: UInt8
    private let sealingKey: SymmetricKey

    /// `keys` by version; the highest seals, all open. Must not be empty; each is 32 bytes.
    package init(keys: [UInt8: [UInt8]]) {
        self.keys = keys.mapValues { SymmetricKey(data: $0) }
        version = keys.keys.max()!
        salt = SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) }
        sealingKey = Self.derive(self.keys[version]!, salt)
    }

    private static func derive(_ key: SymmetricKey, _ salt: [UInt8]) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, salt: salt, info: Array("purser hold".utf8), outputByteCount: 32)
    }

    /// The id of a hold; the same hold always gets the same one. Nil where it would be too long.
    package func seal(_ hold: Hold) -> String? {
        var bytes: [UInt8] = [version] + salt
        bytes.reserveCapacity(512)
        withUnsafeBytes(of: hold.id.number.bigEndian) { bytes.append(contentsOf: $0) }
        guard let nonce = Self.nonce(bytes[(1 + Self.saltBytes)...]),
            let box = try? AES.GCM.seal(
                HoldCoder.encode(hold), using: sealingKey, nonce: nonce, authenticating: bytes)
        else { return nil }
        bytes.append(contentsOf: box.ciphertext)
        bytes.append(contentsOf: box.tag)
        let text = Base64URL.encode(bytes)
        return text.utf8.count <= Self.maximumCharacters ? text : nil
    }

    /// The hold behind an id; nil for one that we did not make.
    package func open(_ id: String) -> Hold? {
        guard id.utf8.count <= Self.maximumCharacters, let bytes = Base64URL.decode(id),
            bytes.count > Self.headBytes + Self.tagBytes, let key = keys[bytes[0]]
        else { return nil }
        let salt = Array(bytes[1...Self.saltBytes])
        let head = bytes[..<Self.headBytes]
        guard let nonce = Self.nonce(head[(1 + Self.saltBytes)...]),
            let box = try? AES.GCM.SealedBox(
                nonce: nonce, ciphertext: bytes[Self.headBytes..<bytes.count - Self.tagBytes],
                tag: bytes[(bytes.count - Self.tagBytes)...]),
            let content = try? AES.GCM.open(
                box, using: salt == self.salt && bytes[0] == version ? sealingKey : Self.derive(key, salt),
                authenticating: head)
        else { return nil }
        return HoldCoder.decode(Array(content))
    }

    private static func nonce(_ number: ArraySlice<UInt8>) -> AES.GCM.Nonce? {
        try? AES.GCM.Nonce(data: [0, 0, 0, 0] + number)
    }
}
