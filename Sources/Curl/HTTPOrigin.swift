import CCurl

/// The part of a URL that is safe to show: scheme, host and port. libcurl itself parses the URL, so that the checked
/// origin and the origin of the connection cannot differ.
package struct HTTPOrigin: Sendable, Equatable, CustomStringConvertible {
    package let scheme: String
    /// IPv6 addresses keep their brackets.
    package let host: String
    package let port: Int

    /// - Throws: `.invalidRequest` for anything but an `http` or `https` URL of at most 2,048 bytes, with a host and
    ///   without user name and password.
    package init(url: String) throws(HTTPError) {
        guard url.utf8.count <= 2_048 else {
            throw HTTPError(.invalidRequest, "The URL is longer than 2048 bytes.")
        }
        guard !url.utf8.contains(0), let parts = curl_url() else {
            throw HTTPError(.invalidRequest, Self.malformed)
        }
        defer { curl_url_cleanup(parts) }
        guard curl_url_set(parts, CURLUPART_URL, url, UInt32(CURLU_NON_SUPPORT_SCHEME)) == CURLUE_OK,
            let scheme = Self.part(CURLUPART_SCHEME, of: parts)?.lowercased(), ["http", "https"].contains(scheme),
            let host = Self.part(CURLUPART_HOST, of: parts), !host.isEmpty,
            let port = Self.part(CURLUPART_PORT, of: parts, flags: UInt32(CURLU_DEFAULT_PORT)).flatMap({ Int($0) })
        else {
            throw HTTPError(.invalidRequest, Self.malformed)
        }
        guard Self.part(CURLUPART_USER, of: parts) == nil, Self.part(CURLUPART_PASSWORD, of: parts) == nil else {
            throw HTTPError(.invalidRequest, "The URL must not hold a user name or password.")
        }
        self.scheme = scheme
        self.host = host
        self.port = port
    }

    package var description: String {
        let isDefaultPort = port == (scheme == "https" ? 443 : 80)
        return isDefaultPort ? "\(scheme)://\(host)" : "\(scheme)://\(host):\(port)"
    }

    /// Whether the host is loopback. A proxy cannot reach this machine's loopback, so no proxy is used for it.
    var isLoopback: Bool {
        host == "localhost" || host == "[::1]" || host.hasPrefix("127.")
    }

    private static let malformed = "The URL must be an absolute http:// or https:// URL with a host."

    private static func part(_ part: CURLUPart, of parts: OpaquePointer, flags: UInt32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(parts, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
