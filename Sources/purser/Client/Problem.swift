import JSON

/// An error answer of the server (RFC 9457).
struct Problem {
    let status: Int
    let body: [UInt8]
    let hasToken: Bool
    let retryAfterSeconds: Int?

    /// The lines of the failure: the detail, then one line for each bad field, then what may help.
    var failure: CommandFailure {
        var lines = [sentence]
        for error in (document?["errors"]).map({ Array($0.elements) }) ?? [] {
            guard let detail = error["detail"]?.string else { continue }
            lines.append("\(error["pointer"]?.string ?? "the body"): \(detail)")
        }
        if status == 401, !hasToken { lines.append("PURSER_TOKEN is not set.") }
        let mayRetry = status == 503 || status == 429
        if mayRetry, let retryAfterSeconds { lines.append("Try again in \(retryAfterSeconds) s.") }
        return CommandFailure(.refused, lines: lines, retryAfterSeconds: mayRetry ? retryAfterSeconds ?? 1 : nil)
    }

    private var document: JSONValue? { (try? JSONDocument(body))?.root }

    private var sentence: String {
        if let document, let text = document["detail"]?.string ?? document["title"]?.string { return text }
        if (300...399).contains(status) {
            return "The server sends us elsewhere (HTTP \(status)); PURSER_URL must be its final address."
        }
        return "The server answered HTTP \(status) and did not say why; is PURSER_URL the address of a Purser server?"
    }
}
