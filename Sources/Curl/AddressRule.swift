/// Which addresses a client connects to. It is applied to each address that is really connected to.
package enum AddressRule: Sendable, CaseIterable {
    /// All but link-local addresses and those that give the credentials of a cloud machine to any program on it.
    case anyNetwork
    /// Addresses of the public internet alone: for URLs of people who must not make this machine call its neighbours.
    case publicOnly

    /// - Parameter address: 4 bytes of IPv4 or 16 of IPv6.
    func refuses(_ address: [UInt8]) -> Bool {
        if address.count == 4 { return refuses(ipv4: address) }
        guard address.count == 16 else { return true }
        for prefix in Self.prefixesBeforeIPv4 where address.starts(with: prefix) {
            return refuses(ipv4: Array(address[prefix.count..<prefix.count + 4]))
        }
        if Self.matches(address, Self.neverIPv6) { return true }
        return self == .publicOnly && Self.matches(address, Self.privateIPv6)
    }

    private func refuses(ipv4 address: [UInt8]) -> Bool {
        if Self.matches(address, Self.neverIPv4) { return true }
        return self == .publicOnly && Self.matches(address, Self.privateIPv4)
    }

    private typealias Network = (prefix: [UInt8], bits: Int)

    private static func matches(_ address: [UInt8], _ networks: [Network]) -> Bool {
        networks.contains { network in
            let whole = network.bits / 8
            guard address.prefix(whole).elementsEqual(network.prefix.prefix(whole)) else { return false }
            let mask = ~(UInt8.max >> (network.bits % 8))
            return network.bits % 8 == 0 || address[whole] & mask == network.prefix[whole] & mask
        }
    }

    /// Link-local; the metadata services of Alibaba Cloud and Azure.
    private static let neverIPv4: [Network] = [
        ([169, 254], 16), ([100, 100, 100, 200], 32), ([168, 63, 129, 16], 32),
    ]

    /// Link-local; fd00:ec2::254 of Amazon EC2 and fd20:ce::254 of Google Compute Engine.
    private static let neverIPv6: [Network] = [
        ([0xFE, 0x80], 10),
        ([0xFD, 0x00, 0x0E, 0xC2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54], 128),
        ([0xFD, 0x20, 0x00, 0xCE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54], 128),
    ]

    /// What is not globally reachable: https://www.iana.org/assignments/iana-ipv4-special-registry, and multicast.
    private static let privateIPv4: [Network] = [
        ([0], 8), ([10], 8), ([100, 64], 10), ([127], 8), ([172, 16], 12), ([192, 0, 0], 24), ([192, 0, 2], 24),
        ([192, 168], 16), ([198, 18], 15), ([198, 51, 100], 24), ([203, 0, 113], 24), ([224], 4), ([240], 4),
    ]

    /// All but 2000::/3, of which the documentation prefix and Teredo are not public either:
    /// https://www.iana.org/assignments/iana-ipv6-special-registry.
    private static let privateIPv6: [Network] = [
        ([0x00], 3), ([0x40], 2), ([0x80], 1), ([0x20, 0x01, 0x0D, 0xB8], 32), ([0x20, 0x01, 0, 0], 32),
    ]

    /// IPv6 that stands for the IPv4 address after it: mapped (::ffff:0:0/96), NAT64 (64:ff9b::/96), 6to4 (2002::/16) and
    /// compatible (::/96), which covers `::` and `::1` too.
    private static let prefixesBeforeIPv4: [[UInt8]] = [
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF],
        [0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0],
        [0x20, 0x02],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ]
}
