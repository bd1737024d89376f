import Foundation

/// A JSON value for the body of a message. Building it cannot fail, and the same message always has the same bytes.
enum AlertJSON {
    case null
    case text(String)
    case object([(name: String, value: AlertJSON)])

    /// The shape Standard Webhooks recommends for a body.
    static func envelope(type: String, seconds: Int64, data: AlertJSON) -> AlertJSON {
        .object([("type", .text(type)), ("timestamp", .text(timestamp(seconds))), ("data", data)])
    }

    /// Unix seconds as RFC 3339 in UTC.
    static func timestamp(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601)
    }

    var bytes: [UInt8] {
        var output: [UInt8] = []
        write(to: &output)
        return output
    }

    private func write(to output: inout [UInt8]) {
        switch self {
        case .null:
            output += Array("null".utf8)
        case .text(let text):
            Self.writeQuoted(text, to: &output)
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                Self.writeQuoted(member.name, to: &output)
                output.append(UInt8(ascii: ":"))
                member.value.write(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    /// RFC 8259, section 7: only quotes, backslashes and control characters need an escape.
    private static func writeQuoted(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                output += [UInt8(ascii: "\\"), byte]
            case 0x00...0x1F:
                let digits = String(byte, radix: 16)
                output += Array("\\u".utf8) + Array(repeating: UInt8(ascii: "0"), count: 4 - digits.utf8.count)
                output += Array(digits.utf8)
            default:
                output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
