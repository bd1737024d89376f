import Crypto
import Foundation

/// Makes and opens hold ids: a hold in authenticated encryption (AES-256-GCM) under a versioned key, URL-safe.
package struct HoldSeal: Sendable {
    /// The longest id that is made or looked at.
    package static let maximumCharacters = 4096

    private let keys: [UInt8: SymmetricKey]
    private let currentVersion: UInt8

    /// `keys` by version; the highest seals, all open. Must not be empty; each is 32 bytes.
    package init(keys: [UInt8: [UInt8]]) {
        self.keys = keys.mapValues { SymmetricKey(data: $0) }
        currentVersion = keys.keys.max()!
    }

    /// The id of a hold; the same hold always gets the same one. Nil where it would be too long.
    package func seal(_ hold: Hold) -> String? {
        var nonce: [UInt8] = []
        // Unique under a key without asking for randomness: a replica numbers its holds and no replica id comes twice.
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: hold.id.replicaID).bigEndian) { nonce.append(contentsOf: $0) }
        withUnsafeBytes(of: hold.id.number.bigEndian) { nonce.append(contentsOf: $0) }
        guard let gcmNonce = try? AES.GCM.Nonce(data: nonce),
            let box = try? AES.GCM.seal(
                HoldCoder.encode(hold), using: keys[currentVersion]!, nonce: gcmNonce,
                authenticating: [currentVersion])
        else { return nil }
        let text = Base64URL.encode([currentVersion] + nonce + Array(box.ciphertext) + Array(box.tag))
        return text.utf8.count <= Self.maximumCharacters ? text : nil
    }

    /// The hold behind an id; nil for one that we did not make.
    package func open(_ id: String) -> Hold? {
        guard id.utf8.count <= Self.maximumCharacters, let bytes = Base64URL.decode(id), bytes.count > 29,
            let key = keys[bytes[0]], let nonce = try? AES.GCM.Nonce(data: bytes[1..<13]),
            let box = try? AES.GCM.SealedBox(
                nonce: nonce, ciphertext: bytes[13..<bytes.count - 16], tag: bytes[(bytes.count - 16)...]),
            let content = try? AES.GCM.open(box, using: key, authenticating: [bytes[0]])
        else { return nil }
        return HoldCoder.decode(Array(content))
    }
}
