import HTTPTypes
import Hummingbird
import JSON
import NIOCore

extension Request {
    /// Bodies over these are refused.
    static let maximumBodyBytes = 8 << 20
    static let maximumBatchBytes = 64 << 20

    /// The whole body; `limit` bounds it, said or streamed.
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
    func query(_ name: String) -> String? {
        uri.queryParameters[Substring(name)].flatMap { $0.isEmpty ? nil : String($0) }
    }
}
