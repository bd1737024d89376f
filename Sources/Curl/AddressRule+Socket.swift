import CCurl
import Glibc

extension AddressRule {
    /// An address that libcurl is about to connect to.
    func refuses(_ address: UnsafeMutablePointer<curl_sockaddr>) -> Bool {
        guard let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return true }
        let raw = UnsafeRawPointer(address) + offset
        switch address.pointee.family {
        case AF_INET:
            return withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in.self).sin_addr) { refuses(Array($0)) }
        case AF_INET6:
            return withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr) { refuses(Array($0)) }
        default:
            return true
        }
    }

    /// Whether a URL's host is an address that is refused. A name is looked up only when it is connected to, except for
    /// `localhost`. libcurl writes an IPv4 address with four numbers, however the URL had it.
    package func refuses(_ origin: HTTPOrigin) -> Bool {
        let host = origin.host.lowercased()
        if host == "localhost" || host.hasSuffix(".localhost") { return refuses([127, 0, 0, 1]) }
        var ipv4 = in_addr()
        if inet_pton(AF_INET, host, &ipv4) == 1 { return withUnsafeBytes(of: ipv4) { refuses(Array($0)) } }
        var ipv6 = in6_addr()
        let unbracketed = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        if inet_pton(AF_INET6, unbracketed, &ipv6) == 1 { return withUnsafeBytes(of: ipv6) { refuses(Array($0)) } }
        return false
    }
}
