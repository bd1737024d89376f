import Foundation
import JSON
import Testing

/// One HTTP answer as it arrived on the wire.
struct RawAnswer: Sendable {
    let status: Int
    let head: String
    let body: [UInt8]

    var json: JSONValue { get throws { try JSONDocument(body).root } }
    /// The code of a problem.
    var code: String? { (try? json)?["code"]?.string }
    var isLast: Bool { head.lowercased().contains("connection: close") }

    /// Takes the first answer out of `bytes`. Nil where `bytes` holds no whole answer.
    init?(takingFrom bytes: inout [UInt8]) throws {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
        let lines = head.components(separatedBy: "\r\n")
        let length = lines.first { $0.lowercased().hasPrefix("content-length: ") }?.dropFirst("content-length: ".count)
        guard head.hasPrefix("HTTP/1.1 "), let status = Int(head.dropFirst(9).prefix(3)),
            let count = status < 200 ? 0 : length.flatMap({ Int($0) })
        else { throw TestFailure("no answer: \(head)") }
        guard bytes.count >= end.upperBound + count else { return nil }
        self.status = status
        self.head = head
        body = Array(bytes[end.upperBound..<end.upperBound + count])
        bytes.removeFirst(end.upperBound + count)
    }
}

extension RawConnection {
    /// Receives the next `count` answers; fewer only where the server closes its side first.
    func receiveAnswers(_ count: Int) throws -> [RawAnswer] {
        var answers: [RawAnswer] = []
        var bytes: [UInt8] = []
        while answers.count < count, let more = try receive() {
            bytes += more
            while let answer = try RawAnswer(takingFrom: &bytes) { answers.append(answer) }
        }
        guard bytes.isEmpty else { throw TestFailure("an answer more, or a part of one: \(bytes.count) bytes") }
        return answers
    }

    /// Receives all answers until the server closes its side.
    func receiveAnswersToEnd() throws -> [RawAnswer] { try receiveAnswers(.max) }

    static func post(_ path: String, _ body: String, headers: [String] = []) -> String {
        request("POST", path, body, headers: headers)
    }
}
