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
}
