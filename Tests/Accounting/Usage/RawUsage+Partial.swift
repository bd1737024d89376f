@testable import Accounting

/// Objects that leave out what is charged for. Their calls have no price.
extension RawUsage {
    static let partial: [RawUsage] = [
        RawUsage(
            name: "nothing but nulls",
            json: #"{"prompt_tokens": null, "completion_tokens": null, "total_tokens": null}"#, format: .openAIChat,
            meters: ["unreported_counts": 2], told: [.nullCounts]),
        RawUsage(
            name: "nulls beside a total",
            json: #"{"prompt_tokens": null, "completion_tokens": null, "total_tokens": 40}"#, format: .openAIChat,
            meters: ["unsplit_tokens": 40]),
        RawUsage(
            name: "a null that the total tells",
            json: #"{"prompt_tokens": 30, "completion_tokens": null, "total_tokens": 40}"#, format: .openAIChat,
            meters: ["input_tokens": 30, "output_tokens": 10]),
        RawUsage(
            name: "a null that nothing tells",
            json: #"{"input_tokens": 30, "output_tokens": null, "total_tokens": null}"#,
            format: .openAIResponses, meters: ["input_tokens": 30, "unreported_counts": 1], told: [.nullCounts]),
        RawUsage(
            name: "nulls of Gemini's client",
            json: #"{"prompt_token_count": 12, "candidates_token_count": null, "total_token_count": 12}"#,
            format: .gemini, meters: ["input_tokens": 12]),
        RawUsage(
            name: "NaN of the AI SDK 4",
            json: #"{"promptTokens": null, "completionTokens": null, "totalTokens": null}"#,
            format: .vercel, meters: ["unreported_counts": 2], told: [.nullCounts]),
        RawUsage(
            name: "a total that a tool added up from what it had",
            json: #"{"inputTokens": 1000, "outputTokens": null, "totalTokens": 1000, "cachedInputTokens": 0}"#,
            format: .vercel, meters: ["input_tokens": 1000, "unreported_counts": 1], told: [.nullCounts]),
        RawUsage(
            name: "a chat without its prompt", json: #"{"completion_tokens": 503}"#, format: .openAIChat,
            meters: ["output_tokens": 503, "unreported_counts": 1], told: [.partialStream]),
        RawUsage(
            name: "Bedrock without its prompt", json: #"{"outputTokens": 503}"#, format: .bedrock,
            meters: ["output_tokens": 503, "unreported_counts": 1], told: [.partialStream]),
        RawUsage(
            name: "the first event of a stream alone",
            json: #"{"type": "message_start", "message": {"usage": {"input_tokens": 25, "output_tokens": 1}}}"#,
            format: .anthropic, meters: ["input_tokens": 25, "output_tokens": 1, "unreported_counts": 1],
            kept: #"{"input_tokens": 25, "output_tokens": 1}"#, told: [.partialStream]),
        RawUsage(
            name: "the first usage of a stream alone",
            json: #"{"message_start": {"input_tokens": 25, "cache_read_input_tokens": 4, "output_tokens": 1}}"#,
            format: .anthropic,
            meters: ["input_tokens": 25, "cache_read_tokens": 4, "output_tokens": 1, "unreported_counts": 1],
            told: [.partialStream]),
        RawUsage(
            name: "the last event of an old stream alone",
            json: #"{"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 15}}"#,
            format: .anthropic, meters: ["output_tokens": 15, "unreported_counts": 1],
            kept: #"{"output_tokens": 15}"#, told: [.partialStream]),
        RawUsage(
            name: "the last usage of an old stream alone", json: #"{"message_delta": {"output_tokens": 15}}"#,
            format: .anthropic, meters: ["output_tokens": 15, "unreported_counts": 1], told: [.partialStream]),
    ]
}
