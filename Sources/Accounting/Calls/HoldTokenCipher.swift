import Crypto
import Foundation

/// Makes and opens hold ids: a hold in authenticated encryption (AES-256-GCM), as URL-safe text.
///
/// Each start of a server encrypts under its own key, which is derived from a versioned key of the database and a
/// random salt. The salt is part of the id. A counter is therefore enough as the nonce: even if a database is restored
/// from a backup and hands out replica ids again, no key and nonce are ever used twice.
package struct HoldTokenCipher: Sendable {
    /// The longest id that is made or accepted.
    package static let maximumCharacters = 4096

    private static let saltBytes = 16
    private static let numberBytes = 8
    private static let nonceBytes = 12
    private static let tagBytes = 16
    private static let headBytes = 1 + saltBytes + numberBytes

    private let keys: [UInt8: SymmetricKey]
    private let salt: [UInt8]
    private let version: UInt8
    private let encryptionKey: SymmetricKey

    /// `keys` by version. The highest version encrypts, all versions decrypt. There must be at least one; each is 32
    /// bytes.
    package init(keys: [UInt8: [UInt8]]) {
        self.keys = keys.mapValues { SymmetricKey(data: $0) }
        version = keys.keys.max()!
        salt = SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) }
        encryptionKey = Self.derive(self.keys[version]!, salt)
    }

    private static func derive(_ key: SymmetricKey, _ salt: [UInt8]) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, salt: salt, info: Array("purser hold".utf8), outputByteCount: 32)
    }

    /// Whether the id of a hold would not be too long.
    static func canEncrypt(_ hold: Hold) -> Bool {
        let most = HoldCoder.maximumBytes(of: hold)
        // Nearly all holds are so short that nobody needs to look closer.
        if fits(contentBytes: most) { return true }
        return withUnsafeTemporaryAllocation(byteCount: most, alignment: 1) { buffer in
            var writer = ByteWriter(buffer)
            HoldCoder.encode(hold, to: &writer)
            return fits(contentBytes: writer.count)
        }
    }

    private static func fits(contentBytes: Int) -> Bool {
        Base64URL.characterCount(ofBytes: headBytes + contentBytes + tagBytes) <= maximumCharacters
    }

    /// The id of a hold; nil if it would be too long. The same hold always gets the same id.
    package func encrypt(_ hold: Hold) -> String? {
        let capacity = Self.headBytes + HoldCoder.maximumBytes(of: hold) + Self.tagBytes
        return withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 1) { buffer in
            var writer = ByteWriter(buffer)
            writer.byte(version)
            writer.bytes(salt)
            withUnsafeBytes(of: hold.id.number.bigEndian) { writer.bytes($0) }
            HoldCoder.encode(hold, to: &writer)
            let head = UnsafeRawBufferPointer(rebasing: buffer[..<Self.headBytes])
            let content = UnsafeRawBufferPointer(rebasing: buffer[Self.headBytes..<writer.count])
            guard let nonce = Self.nonce(hold.id.number),
                let box = try? AES.GCM.seal(content, using: encryptionKey, nonce: nonce, authenticating: head),
                let sealed = box.combined?.dropFirst(Self.nonceBytes)
            else { return nil }
            // The encrypted bytes replace the plain ones, followed by the tag.
            let end = Self.headBytes + sealed.count
            UnsafeMutableRawBufferPointer(rebasing: buffer[Self.headBytes..<end]).copyBytes(from: sealed)
            let text = Base64URL.encode(UnsafeRawBufferPointer(rebasing: buffer[..<end]))
            return text.utf8.count <= Self.maximumCharacters ? text : nil
        }
    }

    /// The hold in an id; nil if the id was not made by this deployment.
    package func decrypt(_ id: String) -> Hold? {
        guard id.utf8.count <= Self.maximumCharacters, let bytes = Base64URL.decode(id),
            bytes.count > Self.headBytes + Self.tagBytes, let key = keys[bytes[0]]
        else { return nil }
        let salt = bytes[1...Self.saltBytes]
        let isOwn = bytes[0] == version && salt.elementsEqual(self.salt)
        let number = bytes[(1 + Self.saltBytes)..<Self.headBytes].reduce(0) { $0 << 8 | UInt64($1) }
        guard let nonce = Self.nonce(Int64(bitPattern: number)),
            let box = try? AES.GCM.SealedBox(
                nonce: nonce, ciphertext: bytes[Self.headBytes..<bytes.count - Self.tagBytes],
                tag: bytes[(bytes.count - Self.tagBytes)...]),
            let content = try? AES.GCM.open(
                box, using: isOwn ? encryptionKey : Self.derive(key, Array(salt)),
                authenticating: bytes[..<Self.headBytes])
        else { return nil }
        return content.withUnsafeBytes(HoldCoder.decode)
    }

    /// Twelve bytes: four zero bytes, then the number.
    private static func nonce(_ number: Int64) -> AES.GCM.Nonce? {
        let words = (
            UInt32(0), UInt32(truncatingIfNeeded: number >> 32).bigEndian, UInt32(truncatingIfNeeded: number).bigEndian
        )
        return withUnsafeBytes(of: words) { try? AES.GCM.Nonce(data: $0) }
    }
}
