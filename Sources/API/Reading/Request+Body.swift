import HTTPTypes
import Hummingbird
import JSON
import NIOCore

extension Request {
    /// The size limits of a body and of a batch. Larger bodies are refused.
    static let maximumBodyBytes = 8 << 20
    static let maximumBatchBytes = 64 << 20

    /// The whole body. Throws where the announced or the received length exceeds `limit`.
    func bytes(limit: Int = Request.maximumBodyBytes) async throws -> [UInt8] {
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > limit { throw Problem.tooLarge }
        do {
            let buffer = try await body.collect(upTo: limit)
            return Array(buffer.readableBytesView)
        } catch is NIOTooManyBytesError {
            throw Problem.tooLarge
        }
    }

    func json(limit: Int = Request.maximumBodyBytes) async throws -> JSONValue {
        try JSONDocument(await bytes(limit: limit)).root
    }

    /// A query parameter, decoded; nil where it is absent or empty.
    func query(_ name: StaticString) throws(Problem) -> String? {
        guard let value = uri.queryParameters[Substring(name.description)], !value.isEmpty else { return nil }
        guard value.utf8.count <= 256, value.utf8.allSatisfy({ $0 >= 0x20 }) else {
            throw .query(name, "must be at most 256 printable characters")
        }
        return String(value)
    }

    /// A query parameter, converted by `convert`. `expectation` completes the sentence "must be …".
    func query<Value>(
        _ name: StaticString, _ expectation: String, _ convert: (String) -> Value?
    ) throws(Problem) -> Value? {
        guard let text = try query(name) else { return nil }
        guard let value = convert(text) else { throw .query(name, "must be \(expectation)") }
        return value
    }
}

extension Problem {
    static func query(_ name: StaticString, _ detail: String) -> Problem {
        Problem(fields: [FieldError(pointer: "/\(name)", detail: detail + ", as a query parameter")])
    }
}
