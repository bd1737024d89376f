import JSON

/// An error answer of the server (RFC 9457).
struct Problem {
    let status: Int
    let body: [UInt8]
    let settings: ClientSettings
    let retryAfterSeconds: Int?

    /// What the server says, then what may help.
    var failure: CommandFailure {
        let fields = refusedFields
        // The sentence about invalid fields tells the first of them again, so it is not told where they are.
        var lines = fields.isEmpty || code != "invalid_fields" ? [sentence] : []
        if status == 401, settings.token == nil { lines.append("PURSER_TOKEN is not set.") }
        let mayRetry = status == 503 || status == 429
        if mayRetry, let retryAfterSeconds { lines.append("Try again in \(retryAfterSeconds) s.") }
        // As proxies answer what is not spoken in TLS.
        if status == 400, document == nil { lines.append(settings.otherScheme) }
        var failure = CommandFailure(
            .refused, lines: lines, retryAfterSeconds: mayRetry ? retryAfterSeconds ?? 1 : nil)
        failure.fields = fields
        failure.status = status
        return failure
    }

    private var code: String? { document?["code"]?.string }

    /// Each field that cannot be taken, or that lacks for it to be taken.
    private var refusedFields: [RefusedField] {
        guard let document, ["invalid_fields", "doubtful_prices"].contains(code) else { return [] }
        return (document["errors"].map { Array($0.elements) } ?? []).compactMap { error in
            guard let pointer = error["pointer"]?.string, !pointer.isEmpty, let detail = error["detail"]?.string else {
                return nil
            }
            return RefusedField(name: pointer, detail: detail)
        }
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
