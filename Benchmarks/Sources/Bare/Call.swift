/// The body of `POST /v1/authorize`.
struct Call: Decodable {
    let requestID: String
    let team: String
    let feature: String?
    let user: String?
    let run: String?
    let model: String
    let provider: String?
    let inputTokens: Int64
    let cachedInputTokens: Int64?
    let maxOutputTokens: Int64?
    let holdSeconds: Int64?

    enum CodingKeys: String, CodingKey {
        case requestID = "request_id"
        case team, feature, user, run, model, provider
        case inputTokens = "input_tokens"
        case cachedInputTokens = "cached_input_tokens"
        case maxOutputTokens = "max_output_tokens"
        case holdSeconds = "hold_seconds"
    }
}
