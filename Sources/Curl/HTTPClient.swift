import Dispatch
import Synchronization

/// An HTTP client over libcurl that keeps connections between requests. It verifies TLS certificates, takes a proxy
/// from the environment as the curl command does (never for loopback), and connects only where its `AddressRule` lets it.
/// Behind a proxy, the rule is for the proxy's address: the proxy resolves the names, and its rules decide.
package final class HTTPClient: Sendable {
    package let addressRule: AddressRule
    private let queue: TransferQueue

    /// - Parameter maxThreads: how many requests may be under way at once; the others wait their turn.
    package init(userAgent: String, maxThreads: Int = 4, addressRule: AddressRule = .anyNetwork) {
        self.addressRule = addressRule
        queue = TransferQueue(userAgent: userAgent, maxThreads: maxThreads)
    }

    deinit {
        queue.close()
    }

    /// Any HTTP status is a response, not an error. Cancelling the task ends the request within about a second, as
    /// `.cancelled`.
    package func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let cancellation = TransferCancellation()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                add(request, cancellation: cancellation) { continuation.resume(returning: $0) }
            }
        } onCancel: {
            cancellation.cancel()
        }
        return try result.get()
    }

    /// The same for a thread that may block, as in a command.
    @available(*, noasync)
    package func sendBlocking(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
        let answer = Answer()
        add(request, cancellation: TransferCancellation(), finish: answer.set)
        return try answer.wait().get()
    }

    private func add(
        _ request: HTTPRequest, cancellation: TransferCancellation,
        finish: @escaping @Sendable (Result<HTTPResponse, HTTPError>) -> Void
    ) {
        do {
            queue.add(try Transfer(request, addressRule: addressRule, cancellation: cancellation, finish: finish))
        } catch {
            finish(.failure(error))
        }
    }
}

private final class Answer: Sendable {
    private let result = Mutex<Result<HTTPResponse, HTTPError>?>(nil)
    private let isSet = DispatchSemaphore(value: 0)

    func set(_ value: Result<HTTPResponse, HTTPError>) {
        result.withLock { $0 = value }
        isSet.signal()
    }

    func wait() -> Result<HTTPResponse, HTTPError> {
        isSet.wait()
        return result.withLock { $0 } ?? .failure(HTTPError(.failed, "The request ended without an answer."))
    }
}
