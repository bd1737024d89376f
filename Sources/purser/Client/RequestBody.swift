import JSON

/// The body of a request, with its content type.
struct RequestBody: Equatable {
    var contentType: String
    var bytes: [UInt8]

    init(contentType: String, bytes: [UInt8]) {
        self.contentType = contentType
        self.bytes = bytes
    }

    /// A JSON object with the fields that `body` writes.
    static func object(_ body: (inout JSONWriter) -> Void) -> RequestBody {
        var writer = JSONWriter()
        writer.object(body)
        return RequestBody(contentType: "application/json", bytes: writer.bytes)
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
}
