import HTTPTypes
import Ledger
import NIOCore

/// Writes the status line and the header fields of a hot route's answer.
struct ResponseHead {
    enum Kind {
        case ok
        case problem(Problem.Code)

        var status: HTTPResponse.Status {
            switch self {
            case .ok: .ok
            case .problem(let code): code.status
            }
        }
    }

    /// A number of bytes that is larger than any head with an id of this server.
    static let capacity = 320

    private var date = HTTPDate()

    mutating func write(
        _ kind: Kind, contentLength: Int, _ trace: RequestTrace, isLast: Bool, to buffer: inout ByteBuffer
    ) {
        switch kind {
        case .ok:
            buffer.writeStaticString("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ")
        case .problem(let code):
            buffer.writeString("HTTP/1.1 \(code.status.code) \(code.status.reasonPhrase)\r\n")
            if let (name, value) = code.header { buffer.writeString("\(name.rawName): \(value)\r\n") }
            buffer.writeStaticString("Content-Type: application/problem+json\r\nContent-Length: ")
        }
        buffer.writeString(String(contentLength))
        buffer.writeStaticString("\r\nDate: ")
        buffer.writeBytes(date.text(at: SystemClock.wallTime()))
        trace.write(to: &buffer)
        buffer.writeStaticString(isLast ? "\r\nConnection: close\r\n\r\n" : "\r\n\r\n")
    }
}
