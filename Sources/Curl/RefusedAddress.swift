import CCurl
import Glibc

/// The addresses that the client must not connect to: those that give the credentials of a cloud machine to any program
/// on it, and link-local addresses in general. A team chooses where its alerts go, and must not be able to make the
/// server call these addresses. Loopback and private networks stay open, because receivers inside a company's own
/// network are normal.
enum RefusedAddress {
    static func contains(_ address: UnsafeMutablePointer<curl_sockaddr>) -> Bool {
        guard let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return true }
        let raw = UnsafeRawPointer(address) + offset
        switch address.pointee.family {
        case AF_INET:
            return withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in.self).sin_addr) { contains(ipv4: Array($0)) }
        case AF_INET6:
            return withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr) { contains(ipv6: Array($0)) }
        default:
            return true
        }
    }

    static func contains(ipv4 bytes: [UInt8]) -> Bool {
        bytes.starts(with: [169, 254]) || metadataIPv4.contains(bytes)
    }

    static func contains(ipv6 bytes: [UInt8]) -> Bool {
        if bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80 { return true }
        if metadataIPv6.contains(bytes) { return true }
        let holdsIPv4 = ipv4Prefixes.contains { bytes.starts(with: $0) }
        return holdsIPv4 && contains(ipv4: Array(bytes.suffix(4)))
    }

    /// Alibaba Cloud's metadata service, and Azure's WireServer.
    private static let metadataIPv4: [[UInt8]] = [[100, 100, 100, 200], [168, 63, 129, 16]]

    /// fd00:ec2::254 of Amazon EC2, and fd20:ce::254 of Google Compute Engine.
    private static let metadataIPv6: [[UInt8]] = [
        [0xFD, 0x00, 0x0E, 0xC2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54],
        [0xFD, 0x20, 0x00, 0xCE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54],
    ]

    /// IPv4 inside IPv6: mapped (::ffff:0:0/96), compatible (::/96) and NAT64 (64:ff9b::/96).
    private static let ipv4Prefixes: [[UInt8]] = [
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0],
    ]
}
