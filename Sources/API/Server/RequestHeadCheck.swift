import NIOHTTP1

/// Checks a request's head for what the HTTP decoder lets pass.
struct RequestHeadCheck {
    private let version: HTTPVersion
    private let method: HTTPMethod
    private let isKeepAlive: Bool
    private var hosts = 0
    private var isHostValid = true
    private var transferEncodings = 0
    private var hasLength = false
    private var hasUpgrade = false
    private var isExpectationKnown = true
    private(set) var isChunked = false

    init(_ head: HTTPRequestHead) {
        version = head.version
        method = head.method
        isKeepAlive = head.isKeepAlive
        for (name, value) in head.headers {
            // The length tells most fields apart without a look at their names.
            switch name.utf8.count {
            case 4 where name.isHeader("host"):
                hosts += 1
                isHostValid = Self.isHost(value)
            case 6 where name.isHeader("expect"): isExpectationKnown = value.isHeader("100-continue")
            case 7 where name.isHeader("upgrade"): hasUpgrade = true
            case 14 where name.isHeader("content-length"): hasLength = true
            case 17 where name.isHeader("transfer-encoding"):
                transferEncodings += 1
                isChunked = value.isHeader("chunked")
            default: break
            }
        }
    }

    /// Nil where the request may be taken.
    var fault: RequestFault? {
        if transferEncodings > 0 {
            guard transferEncodings == 1, isChunked, !hasLength, version != .http1_0 else {
                return .malformed(
                    "The Transfer-Encoding must be chunked and nothing else, in HTTP/1.1, without Content-Length.")
            }
        }
        if hosts > 1 || !isHostValid || hosts == 0 && version != .http1_0 {
            return .malformed("There must be one Host, the name of the server.")
        }
        if !isExpectationKnown, version != .http1_0 {
            return .malformed("Nothing can be expected but 100-continue.")
        }
        return nil
    }

    /// Whether nothing can follow this request on its connection. The decoder stops behind a request to change the
    /// protocol; Purser speaks no other and answers such a request as any.
    var isLast: Bool { !isKeepAlive || hasUpgrade || method == .CONNECT }

    /// Whether `text` may be a host with or without a port: no space, no separator of another part of a URL.
    private static func isHost(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case 0...0x20, 0x7F..., UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "@"),
                UInt8(ascii: "\\"), UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"):
                false
            default: true
            }
        }
    }
}

extension HTTPRequestHead {
    /// Whether the client waits for `100 Continue` before it sends the body.
    var expectsContinue: Bool { version != .http1_0 && headers.contains(name: "Expect") }
}

extension String {
    /// Whether this is the header field name, or the word of a value, `lowercased`, in whatever case. `lowercased` must
    /// be in lower case.
    func isHeader(_ lowercased: StaticString) -> Bool {
        guard utf8.count == lowercased.utf8CodeUnitCount else { return false }
        var name = self
        return name.withUTF8 { name in
            for index in 0..<name.count where name[index] | 0x20 != lowercased.utf8Start[index] | 0x20 { return false }
            return true
        }
    }
}
