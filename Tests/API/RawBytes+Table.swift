import Foundation

/// The hostile and malformed bytes, and the odd ones that are right.
extension RawBytes {
    static let table =
        lengths + transferEncodings + chunking + fields + requestLines + targets + versions + hosts + connections
        + sizes

    /// What a message's length is can be said in two ways that differ: the way to smuggle a request past a proxy.
    private static let lengths: [RawBytes] = [
        .malformed("Content-Length and Transfer-Encoding", ["Transfer-Encoding: chunked"]),
        .malformed("Transfer-Encoding and Content-Length", ["Content-Length: 7"], .chunked(chunks)),
        .malformed("two lengths that differ", ["Content-Length: 8"]),
        .malformed("two equal lengths", ["Content-Length: 7"]),
        .malformed("a list of lengths", ["Content-Length: 7, 7"], .none),
        .malformed("a length with a sign", ["Content-Length: +7"], .none),
        .malformed("a negative length", ["Content-Length: -1"], .none),
        .malformed("a hexadecimal length", ["Content-Length: 0x7"], .none),
        .malformed("a length with a fraction", ["Content-Length: 7.0"], .none),
        .malformed("a length beyond 64 bits", ["Content-Length: 99999999999999999999999"], .none),
        .malformed("an empty length", ["Content-Length: "], .none),
        .malformed("a length of two numbers", ["Content-Length: 7 7"], .none),
        .malformed("a length on a line of its own", ["Content-Length:", " 7"], .none),
        RawBytes("no length", body: .none, [400], "malformed_json", closes: false),
        RawBytes("a body of nothing", body: .length(""), [400], "malformed_json", closes: false),
    ]

    private static let transferEncodings: [RawBytes] =
        [
            "gzip", "identity", "gzip, chunked", "chunked, identity", "chunked;a=1", "chunked ;a", "xchunked",
            "chunkedx",
            "", "\u{B}chunked", "\"chunked\"", "chunked, chunked",
        ].map {
            .malformed("Transfer-Encoding: \($0.debugDescription)", ["Transfer-Encoding: \($0)"], .none)
        } + [
            .malformed("chunked twice", ["Transfer-Encoding: chunked"], .chunked(chunks)),
            .malformed("identity and chunked", ["Transfer-Encoding: identity"], .chunked(chunks)),
            .malformed("chunked in HTTP/1.0", version: "HTTP/1.0", [], .chunked(chunks)),
            .taken("chunked in upper case", ["Transfer-Encoding: CHUNKED"], .none, before: "").with(body: chunks),
        ]

    private static let chunking: [RawBytes] =
        [
            ("a size that is none", "zz\r\n\(object)\r\n0\r\n\r\n"),
            ("a negative size", "-7\r\n\(object)\r\n0\r\n\r\n"),
            ("a size with 0x", "0x7\r\n\(object)\r\n0\r\n\r\n"), ("no size", "\r\n\(object)\r\n0\r\n\r\n"),
            ("a size beyond 64 bits", "ffffffffffffffffff\r\n\(object)\r\n0\r\n\r\n"),
            ("line feeds alone", "7\n\(object)\n0\n\n"), ("a chunk longer than told", "7\r\n\(object)xx\r\n0\r\n\r\n"),
            ("a space behind the size", "7 \r\n\(object)\r\n0\r\n\r\n"),
            ("a line feed in the extension", "7;a\nb\r\n\(object)\r\n0\r\n\r\n"),
            ("a length among the trailers", "7\r\n\(object)\r\n0\r\nContent-Length: 3\r\n\r\n"),
            ("a trailer without a colon", "7\r\n\(object)\r\n0\r\nnonsense\r\n\r\n"),
        ].map { .malformed("chunks: \($0.0)", [], .chunked($0.1)) } + [
            .taken("chunks", [], .chunked(chunks)),
            .taken("a chunk with an extension", [], .chunked("7;a=b;c=\"d\"\r\n\(object)\r\n0\r\n\r\n")),
            .taken("a trailer", [], .chunked("7\r\n\(object)\r\n0\r\nX-Sum: 1\r\n\r\n")),
            .taken(
                "a chunk for each byte", [], .chunked(object.map { "1\r\n\($0)\r\n" }.joined() + "0\r\n\r\n")),
        ]

    private static let fields: [RawBytes] =
        [
            ("a folded field", ["X-A: b", " c"]), ("a field folded by a tab", ["X-A: b", "\tc"]),
            ("a space before the colon", ["X-A : b"]), ("a tab before the colon", ["X-A\t: b"]),
            ("a space in a name", ["X A: b"]), ("no colon", ["nonsense"]), ("no name", [": b"]),
            ("a bare carriage return", ["X-A: b\rc"]),
            ("a bare carriage return before a length", ["X-A: b\rContent-Length: 3"]),
            ("NUL in a value", ["X-A: b\u{0}c"]), ("NUL in a name", ["X\u{0}A: b"]),
            ("a control character in a value", ["X-A: b\u{1}c"]), ("DEL in a value", ["X-A: b\u{7F}c"]),
            ("a bracket in a name", ["X(a): b"]), ("a letter that is not ASCII in a name", ["Xé: b"]),
        ].map { .malformed($0.0, $0.1) } + [
            .malformed("a first line that is folded", host: [" Host: purser"]),
            .taken("a letter that is not ASCII in a value", ["X-A: é"]),
            .taken("spaces around a value", ["X-A: \t b \t "]),
            RawBytes("two tokens", fields: ["Authorization: Bearer x"], [401], "unauthorized", closes: false),
            RawBytes("a token that is none", token: "x", [401], "unauthorized", closes: false),
            RawBytes(
                "an expectation that is met", fields: ["Expect: 100-continue"], [100, 422], "invalid_fields",
                closes: false),
            .malformed("an expectation that is not known", ["Expect: 200-ok"]),
        ]

    private static let requestLines: [RawBytes] =
        ["post", "PoST", "BREW", "POST\t", "", "P\u{0}ST"].map {
            .malformed("the method \($0.debugDescription)", method: $0)
        } + [
            RawBytes(
                "a method that the path does not have", method: "DELETE", [405], "method_not_allowed", closes: false),
            RawBytes("CONNECT", method: "CONNECT", [405], "method_not_allowed", closes: true),
            .malformed("a space before the method", before: " "),
            .malformed("words before the method", before: "no request\r\n\r\n"),
            .malformed("TLS", before: "\u{16}\u{3}\u{1}\u{2}\u{0}"),
            .malformed("a space behind the version", version: "HTTP/1.1 "),
            .malformed("a tab before the version", target: "PATH\tx"),
            RawBytes(
                "line feeds alone", text: "POST PATH HTTP/1.1\nHost: purser\nContent-Length: 7\n\n\(object)", [400],
                "malformed_request", closes: true),
            RawBytes(
                "carriage returns alone", text: "POST PATH HTTP/1.1\rHost: purser\rContent-Length: 7\r\r\(object)",
                [400],
                "malformed_request", closes: true),
            .taken("line ends before the method", before: "\r\n\r\n"),
        ]

    private static let targets: [RawBytes] =
        ["PATH\u{0}", "PATHé", "PATH x", "\\PATH", "purser:80", "v1", "", "?a=b"].map {
            .malformed("the target \($0.debugDescription)", target: $0)
        }
        + ["/v1/..PATH", "/.PATH", "PATH/../..PATH", "/%2e%2ePATH", "PATH#x", "PATH;a=b", "PATH%00", "PATH/x", "*"].map
    {
        .unknown("the target \($0)", method: $0 == "*" ? "OPTIONS" : "POST", target: $0)
    } + [
        .taken("an absolute target", target: "http://purserPATH"),
        .taken("an absolute target elsewhere", target: "http://elsewhere:81PATH"),
        .taken("two slashes", target: "/PATH"), .taken("a slash at the end", target: "PATH/"),
        .taken("a query", target: "PATH?a=b&c"),
    ]

    private static let versions: [RawBytes] =
        ["HTTP/2.0", "HTTP/1.2", "HTTP/1.10", "HTTP/3", "http/1.1", "XTTP/1.1", "HTTP/1,1", "HTTP/11"].map {
            .malformed("the version \($0)", version: $0)
        } + [
            RawBytes("HTTP/0.9", text: "GET PATH\r\n\r\n", [400], "malformed_request", closes: true),
            RawBytes(
                "the preface of HTTP/2", text: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400], "malformed_request",
                closes: true),
            .taken("HTTP/1.0", version: "HTTP/1.0", closes: true),
            .taken("HTTP/1.0 without a host", version: "HTTP/1.0", host: [], closes: true),
        ]

    private static let hosts: [RawBytes] =
        [[], ["Host: a", "Host: b"], ["Host: a b"], ["Host: a/b"], ["Host: a@b"], ["Host: a, b"], ["Host: é"]].map {
            .malformed("\($0)", host: $0)
        } + [.taken("an empty host", host: ["Host: "]), .taken("a host with a port", host: ["Host: [::1]:80"])]

    private static let connections: [RawBytes] = [
        .taken("Connection: close", ["Connection: close"], closes: true),
        .taken("Connection: Close", ["Connection: Close"], closes: true),
        .taken("HTTP/1.0 with keep-alive", version: "HTTP/1.0", ["Connection: keep-alive"]),
        RawBytes(
            "a request behind Connection: close", fields: ["Connection: close"],
            behind: "GET /healthz HTTP/1.1\r\n\r\n", [422],
            "invalid_fields", closes: true),
        .taken("an upgrade to HTTP/2", ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c"], closes: true),
        .taken("an upgrade to a web socket", ["Connection: Upgrade", "Upgrade: websocket"], closes: true),
        RawBytes(
            "what is no HTTP behind a request", behind: "no request\r\n\r\n", [422, 400], "malformed_request",
            closes: true),
        RawBytes(
            "chunks that break off behind an answer", body: .chunked("7\r\n\(object)\r\nzz\r\n"), token: "x", [401],
            "unauthorized", closes: true),
    ]

    /// Each limit, held exactly, and one above it.
    private static let sizes: [RawBytes] = [
        .taken("256 header fields", padding(fields: 256)),
        RawBytes("257 header fields", fields: padding(fields: 257), [431], "head_too_large", closes: true),
        .taken("a head of 80 KiB", []).grown(to: 80 << 10),
        RawBytes("a head of 80 KiB and a byte", [431], "head_too_large", closes: true).grown(to: (80 << 10) + 1),
        .taken("a target of 79 KiB", target: "PATH?" + String(repeating: "a", count: 79 << 10)),
        RawBytes(
            "a target of 81 KiB", target: "PATH?" + String(repeating: "a", count: 81 << 10), [431], "head_too_large",
            closes: true),
        .taken("line ends up to 96 KiB", []).preceded(to: 96 << 10),
        RawBytes("line ends beyond 96 KiB", [431], "head_too_large", closes: true).preceded(to: (96 << 10) + 1),
        RawBytes(
            "a megabyte of spaces before a value", fields: ["X-A:" + String(repeating: " ", count: 1 << 20) + "b"],
            [431],
            "head_too_large", closes: true),
        .taken("an extension of a chunk up to 96 KiB", [], .chunked("")).extended(to: 96 << 10),
        RawBytes("an extension of a chunk beyond 96 KiB", body: .chunked(""), [400], "malformed_request", closes: true)
            .extended(to: (96 << 10) + 1),
        RawBytes(
            "a megabyte of extensions of small chunks",
            body: .chunked(
                String(repeating: "1;\(String(repeating: "a", count: 99))\r\n \r\n", count: 10_000) + "0\r\n\r\n"),
            [400], "malformed_request", closes: true),
        .taken("a body of 8 MiB", [], .length(object + String(repeating: " ", count: (8 << 20) - 7))),
        RawBytes(
            "a body of 8 MiB and a byte", body: .length(object + String(repeating: " ", count: (8 << 20) - 6)), [413],
            "body_too_large", closes: false),
        RawBytes(
            "16 MiB behind an answer",
            body: .chunked("1000000\r\n\(String(repeating: " ", count: 16 << 20))\r\n0\r\n\r\n"),
            token: "x", [401], "unauthorized", closes: false),
        // A part of the body may come before the answer, and is not counted.
        RawBytes(
            "20 MiB behind an answer",
            body: .chunked("1400000\r\n\(String(repeating: " ", count: 20 << 20))\r\n0\r\n\r\n"),
            token: "x", [401], "unauthorized", closes: true),
    ]

    /// Header fields that make `count` together with the host, the token and the length.
    private static func padding(fields count: Int) -> [String] { (3..<count).map { "x\($0): a" } }
}

extension RawBytes {
    /// The longer of the two paths under test, for which the lengths below hold; the shorter one is padded.
    static let pathLength = 10

    private func with(text: String) -> RawBytes { RawBytes(name, text: text, statuses, code, closes: closes) }

    fileprivate func with(body: String) -> RawBytes { with(text: text + body) }

    private var headEnd: String.Index { text.firstRange(of: "\r\n\r\n")!.lowerBound }

    /// The head's bytes from its first to its last.
    private var headBytes: Int { text[..<headEnd].utf8.count + 4 - "PATH".count + Self.pathLength }

    /// With one more field, so that the target and all names and values have `bytes` together.
    fileprivate func grown(to bytes: Int) -> RawBytes {
        let lines = text[..<headEnd].components(separatedBy: "\r\n").dropFirst()
        let known = Self.pathLength + lines.map { $0.utf8.count - ": ".count }.reduce(0, +)
        var text = text
        text.insert(contentsOf: "\r\nx: " + String(repeating: "a", count: bytes - known - 1), at: headEnd)
        return with(text: text)
    }

    /// With so many line ends before it that they and the head have `bytes`.
    fileprivate func preceded(to bytes: Int) -> RawBytes {
        with(text: String(repeating: "\n", count: bytes - headBytes) + text)
    }

    /// With an extension behind the last chunk, so that all that is not body has `bytes`, and as many more as the body
    /// allows.
    fileprivate func extended(to bytes: Int) -> RawBytes {
        let (start, end) = ("7\r\n", "\r\n0;\r\n\r\n")
        let allowed = bytes + 8 * Self.object.utf8.count
        let extensionBytes = allowed - headBytes - start.utf8.count - end.utf8.count
        return with(
            text: text + start + Self.object + "\r\n0;" + String(repeating: "a", count: extensionBytes) + "\r\n\r\n")
    }
}
