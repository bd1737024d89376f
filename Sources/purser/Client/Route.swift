/// The path and query of one request. The parts are percent-encoded.
struct Route: Equatable {
    private(set) var text: String

    /// `Route("budgets", "team/search")` is `/v1/budgets/team%2Fsearch`.
    init(_ segments: String...) throws(CommandFailure) {
        text = "/v1"
        for segment in segments {
            // HTTP clients resolve dot segments away, encoded or not, and would ask for another path.
            guard !segment.isEmpty, segment != ".", segment != ".." else {
                throw CommandFailure(.usage, "'\(segment)' cannot be used as a name here.")
            }
            text += "/" + Self.encoded(segment)
        }
    }

    /// Adds a query parameter, or nothing where `value` is nil.
    func query(_ name: String, _ value: String?) -> Route {
        guard let value else { return self }
        var route = self
        route.text += (text.contains("?") ? "&" : "?") + "\(name)=\(Self.encoded(value))"
        return route
    }

    /// Encodes everything as `%XX` but the unreserved characters of RFC 3986.
    static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return encoded
    }
}
