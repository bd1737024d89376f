import Testing

/// Bytes that a client sends, and what every route answers to them.
struct RawBytes: Sendable, CustomTestStringConvertible {
    enum Body: Sendable {
        case none
        case length(String)
        case chunked(String)

        /// The fields that tell of the body.
        var fields: [String] {
            switch self {
            case .none: []
            case .length(let text): ["Content-Length: \(text.utf8.count)"]
            case .chunked: ["Transfer-Encoding: chunked"]
            }
        }
        var text: String {
            switch self {
            case .none: ""
            case .length(let text), .chunked(let text): text
            }
        }
    }

    /// Each route takes this for an object with wrong fields.
    static let object = #"{"a":1}"#
    static let chunks = "7\r\n\(object)\r\n0\r\n\r\n"

    let name: String
    /// The path of the route takes the place of `PATH`.
    let text: String
    let statuses: [Int]
    let code: String?
    /// Whether the server ends the connection behind the answer.
    let closes: Bool

    var testDescription: String { name }

    /// A request for `target`, with a host and a token.
    init(
        _ name: String, method: String = "POST", target: String = "PATH", version: String = "HTTP/1.1",
        host: [String] = ["Host: purser"], fields: [String] = [], body: Body = .length(object),
        before: String = "", token: String = PurserServer.adminToken, behind: String = "",
        _ statuses: [Int], _ code: String?, closes: Bool
    ) {
        let lines =
            ["\(method) \(target) \(version)"] + host + ["Authorization: Bearer \(token)"] + fields + body.fields
        self.init(
            name, text: before + lines.joined(separator: "\r\n") + "\r\n\r\n" + body.text + behind, statuses, code,
            closes: closes)
    }

    init(_ name: String, text: String, _ statuses: [Int], _ code: String?, closes: Bool) {
        (self.name, self.text, self.statuses, self.code, self.closes) = (name, text, statuses, code, closes)
    }

    /// What is no HTTP: 400, and nothing behind it is looked at.
    static func malformed(
        _ name: String, method: String = "POST", target: String = "PATH", version: String = "HTTP/1.1",
        host: [String] = ["Host: purser"], _ fields: [String] = [], _ body: Body = .length(object),
        before: String = ""
    ) -> RawBytes {
        RawBytes(
            name, method: method, target: target, version: version, host: host, fields: fields, body: body,
            before: before, [400], "malformed_request", closes: true)
    }

    /// A request that its route reads, and refuses for its fields.
    static func taken(
        _ name: String, target: String = "PATH", version: String = "HTTP/1.1", host: [String] = ["Host: purser"],
        _ fields: [String] = [], _ body: Body = .length(object), before: String = "", closes: Bool = false
    ) -> RawBytes {
        RawBytes(
            name, target: target, version: version, host: host, fields: fields, body: body, before: before, [422],
            "invalid_fields", closes: closes)
    }

    /// A request for which there is no route.
    static func unknown(_ name: String, method: String = "POST", target: String) -> RawBytes {
        RawBytes(name, method: method, target: target, [404], "not_found", closes: false)
    }
}
