/// Writes the text of requests into a buffer that is reused.
struct RequestTexts: Sendable {
    private let heads: [String: [UInt8]]
    private let callEnd: [UInt8]

    init(token: String, holdSeconds: Int) {
        let paths = ["authorize", "settle", "settle/batch", "usage"]
        heads = Dictionary(
            uniqueKeysWithValues: paths.map { path in
                let head = """
                    POST /v1/\(path) HTTP/1.1\r
                    Host: 127.0.0.1\r
                    Authorization: Bearer \(token)\r
                    Content-Type: application/json\r
                    Content-Length:\u{20}
                    """
                return (path, Array(head.utf8))
            })
        let call = #","model":"gpt-4o-mini","input_tokens":1200,"max_output_tokens":400"#
        callEnd = Array("\(call),\"hold_seconds\":\(holdSeconds)}".utf8)
    }

    func authorize(id: UInt64, user: Int, into out: inout [UInt8]) {
        write("authorize", into: &out) { body in
            body.append(#"{"request_id":"r-"#)
            body.append(hexadecimal: id)
            body.append(#"","team":"bench","feature":"chat","user":"u"#)
            body.append(decimal: user)
            body.append(#"""#)
            body.append(contentsOf: callEnd)
        }
    }

    func settle(_ holdID: [UInt8], into out: inout [UInt8]) {
        write("settle", into: &out) { $0.append(settlementOf: holdID) }
    }

    func settle(batch holdIDs: [[UInt8]], into out: inout [UInt8]) {
        write("settle/batch", into: &out) { body in
            for (index, holdID) in holdIDs.enumerated() {
                body.append(index == 0 ? #"{"settlements":["# : ",")
                body.append(settlementOf: holdID)
            }
            body.append("]}")
        }
    }

    func usage(ids: some Sequence<UInt64>, into out: inout [UInt8]) {
        write("usage", into: &out) { body in
            body.append(#"{"events":["#)
            for (index, id) in ids.enumerated() {
                body.append(index == 0 ? #"{"id":"e-"# : #",{"id":"e-"#)
                body.append(hexadecimal: id)
                body.append(#"","source":"bench","team":"bench","feature":"chat","model":"gpt-4o-mini","#)
                body.append(#""usage":{"input_tokens":1200,"output_tokens":310}}"#)
            }
            body.append("]}")
        }
    }

    private func write(_ path: String, into out: inout [UInt8], body: (inout [UInt8]) -> Void) {
        out.removeAll(keepingCapacity: true)
        out.append(contentsOf: heads[path]!)
        // The length goes in front of what is not written yet: room for it, blanks allowed.
        let length = out.count
        out.append("        \r\n\r\n")
        let start = out.count
        body(&out)
        var left = out.count - start
        for place in stride(from: length + 7, through: length, by: -1) where left > 0 {
            out[place] = UInt8(ascii: "0") + UInt8(left % 10)
            left /= 10
        }
    }
}

extension [UInt8] {
    mutating func append(_ text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(decimal number: Int) {
        append(contentsOf: String(number).utf8)
    }

    mutating func append(hexadecimal number: UInt64) {
        for shift in stride(from: 60, through: 0, by: -4) {
            let digit = UInt8((number >> UInt64(shift)) & 15)
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }

    mutating func append(settlementOf holdID: [UInt8]) {
        append(#"{"hold_id":""#)
        append(contentsOf: holdID)
        append(#"","usage":{"input_tokens":1200,"output_tokens":310}}"#)
    }
}
