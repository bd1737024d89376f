import Curl
import Glibc
import JSON
import Synchronization

/// A client of the HTTP API that sends the token from the environment.
struct PurserClient {
    private let settings: ClientSettings
    private let http = HTTPClient(userAgent: "purser")

    private static let maxResponseBytes = 256 << 20
    /// Of an answer that is handed on as it arrives, no more is kept than says why it was refused.
    private static let maxProblemBytes = 64 << 10

    init() throws(CommandFailure) { settings = try .fromEnvironment() }

    /// Asks again where the connection is lost: to ask twice changes nothing.
    func get(_ route: Route) async throws(CommandFailure) -> Answer {
        try await repeating { () async throws(CommandFailure) in try await send("GET", route) }
    }

    /// What is there; nil where there is nothing, or nothing that this token may read.
    func find(_ route: Route) async throws(CommandFailure) -> Answer? {
        do {
            return try await get(route)
        } catch {
            guard error.status == 404 || error.status == 403 else { throw error }
            return nil
        }
    }

    /// Sends what makes something new under a key, so that the server makes it once. Sends it again where the connection
    /// is lost.
    func post(_ route: Route, body: RequestBody, idempotencyKey: String) async throws(CommandFailure) -> Answer {
        try await repeating { () async throws(CommandFailure) in
            try await send("POST", route, body: body, idempotencyKey: idempotencyKey)
        }
    }

    private func repeating(
        _ request: () async throws(CommandFailure) -> Answer
    ) async throws(CommandFailure) -> Answer {
        for pauseSeconds in Self.repeatPausesSeconds {
            do throws(CommandFailure) {
                return try await request()
            } catch {
                guard error.isConnectionFailure else { throw error }
            }
            try? await Task.sleep(for: .seconds(pauseSeconds))
        }
        return try await request()
    }

    /// A balancer has found another server after the first of them, and a server that was restarted is back after the
    /// second.
    private static let repeatPausesSeconds = [0.2, 1]

    /// Sends a request once, and keeps all of its answer unless `keptBytes` says how much. Throws for any status but 2xx, with the explanation that the server gave.
    func send(
        _ method: String, _ route: Route, body: RequestBody? = nil, ifMatch version: Int64? = nil,
        idempotencyKey: String? = nil, timeoutSeconds: Int = 60, accept: String = "*/*",
        receive: (@Sendable (UnsafeRawBufferPointer) -> Void)? = nil, keeps keptBytes: Int? = nil
    ) async throws(CommandFailure) -> Answer {
        var headers = [(name: "Accept", value: accept)]
        if let token = settings.token { headers.append(("Authorization", "Bearer \(token)")) }
        if let body { headers.append(("Content-Type", body.contentType)) }
        if let version { headers.append(("If-Match", "\"\(version)\"")) }
        if let idempotencyKey { headers.append(("Idempotency-Key", idempotencyKey)) }
        let response: HTTPResponse
        do {
            var request = HTTPRequest(
                method: method, url: settings.baseURL + route.text, headers: headers, body: body?.bytes ?? [],
                timeoutSeconds: timeoutSeconds, maxResponseBytes: keptBytes ?? Self.maxResponseBytes,
                overflow: keptBytes == nil ? .fails : .streams)
            request.receive = receive
            response = try await http.send(request)
        } catch {
            throw CommandFailure(error, from: settings)
        }
        guard (200...299).contains(response.status) else {
            throw Problem(
                status: response.status, body: response.body, settings: settings,
                retryAfterSeconds: response.retryAfterSeconds(nowSeconds: Int64(time(nil)))
            ).failure
        }
        if response.status == 202 {
            StandardError.writeLine("Stored. Not every server acts on it yet; each will as soon as it can.")
        }
        return Answer(status: response.status, bytes: response.body)
    }

    /// Hands an answer on as it arrives, however long it is.
    func receive(
        _ route: Route, timeoutSeconds: Int, receive: @escaping @Sendable (UnsafeRawBufferPointer) -> Void
    ) async throws(CommandFailure) {
        _ = try await send("GET", route, timeoutSeconds: timeoutSeconds, receive: receive, keeps: Self.maxProblemBytes)
    }

    /// Sends a request whose answer has a line for each step and at last one with the result.
    ///
    /// - Parameter progress: gets each step.
    func follow(
        _ method: String, _ route: Route, body: RequestBody, timeoutSeconds: Int,
        progress: @escaping @Sendable (JSONValue) -> Void
    ) async throws(CommandFailure) -> Answer {
        let lines = AnswerLines(progress)
        let answer = try await send(
            method, route, body: body, timeoutSeconds: timeoutSeconds, accept: "application/x-ndjson",
            receive: lines.add)
        let end = lines.end
        if let problem = end?["problem"] {
            throw Problem(
                status: Int(problem["status"]?.integer ?? 500), body: Array(problem.source.utf8), settings: settings,
                retryAfterSeconds: nil
            ).failure
        }
        guard let result = end?["result"] else {
            throw CommandFailure(.refused, "The server's answer ended before its result.")
        }
        return Answer(status: answer.status, bytes: Array(result.source.utf8))
    }
}

/// Splits what arrives of an answer into lines.
private final class AnswerLines: Sendable {
    private struct State {
        var rest: [UInt8] = []
        var end: JSONValue?
    }

    private let state = Mutex(State())
    private let progress: @Sendable (JSONValue) -> Void

    init(_ progress: @escaping @Sendable (JSONValue) -> Void) { self.progress = progress }

    func add(_ bytes: UnsafeRawBufferPointer) {
        let lines = state.withLock { state in
            state.rest.append(contentsOf: bytes)
            let end = state.rest.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            defer { state.rest.removeFirst(end) }
            return state.rest[..<end].split(separator: UInt8(ascii: "\n")).compactMap { line in
                try? JSONDocument(Array(line)).root
            }
        }
        for line in lines {
            if let step = line["progress"] { progress(step) } else { state.withLock { $0.end = line } }
        }
    }

    /// The line that is no step: the result, or why there is none.
    var end: JSONValue? { state.withLock { $0.end } }
}

extension CommandFailure {
    init(_ error: HTTPError, from settings: ClientSettings) {
        switch error.kind {
        case .unreachable, .timedOut:
            self.init(.notReachable, error.description, Self.whereItIs)
            isConnectionFailure = true
        case .connectionLost:
            self.init(
                .notReachable, error.description, "What was asked may have been done, or not: look, or ask again.",
                settings.otherScheme)
            isConnectionFailure = true
        case .handshake, .notHTTP: self.init(.notReachable, error.description, settings.otherScheme, Self.whereItIs)
        case .tls, .refusedAddress: self.init(.notReachable, error.description, Self.whereItIs)
        case .invalidRequest: self.init(.usage, error.description)
        case .tooLarge, .cancelled, .failed: self.init(.refused, error.description)
        }
    }

    private static let whereItIs = "PURSER_URL says where the server is; purser serve starts one."
}
