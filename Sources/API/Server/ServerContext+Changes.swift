import HTTPTypes
import Hummingbird
import Ledger
import Logging

extension ServerContext {
    /// Answers a change that is stored, once every live server acts on it. Where some do not yet after a while, the
    /// status is 202: they will as soon as they can.
    ///
    /// - Parameter version: the configuration that has the change; nil if nothing has changed.
    /// - Parameter response: makes the answer, with what is current then. Whatever fails now must not say that nothing
    ///   was done.
    func answer(
        change version: Int64?, _ response: @escaping () async throws -> Response = { Response(status: .noContent) }
    ) async throws -> Response {
        let isEverywhere = if let version { await replica.awaitConfiguration(version) } else { true }
        var answer: Response
        do {
            answer = try await response()
        } catch {
            log.warning("The answer to a stored change could not be made", metadata: ["error": "\(error)"])
            throw Problem.storedUnseen
        }
        if !isEverywhere { answer.status = .accepted }
        return answer
    }
}

extension Problem {
    static let storedUnseen = Problem(
        .unavailable,
        "The change is stored, but what it led to cannot be shown just now. Look before you send it again.")
}
