import JSON

/// Fields of usage objects that cost nothing, or say once more what another field says. They need not be told when nobody
/// reads them.
///
/// Sources: the types of the client libraries that the readers name; groq-python 1.7 and cerebras-cloud-sdk (times),
/// ollama-python (durations in nanoseconds), docs.x.ai (tool usage details), openrouter.ai/docs (usage accounting).
enum UsageSilence {
    private static let fields: Set<String> = [
        // Parts of a whole that cost what the rest of it costs.
        "text_tokens", "textTokens", "accepted_prediction_tokens", "rejected_prediction_tokens",
        "acceptedPredictionTokens", "rejectedPredictionTokens", "text", "document",
        // Times and rates.
        "queue_time", "prompt_time", "completion_time", "total_time", "total_latency", "latency", "latencyMs",
        "time_to_first_token", "tokens_per_second", "total_duration", "load_duration", "prompt_eval_duration",
        "eval_duration", "duration_ms", "created", "created_at", "invocationLatency", "firstByteLatency", "e2e_latency",
        "usage_ratio", "version",
        // Tools that cost only tokens, which are counted.
        "web_fetch_requests", "tool_search_requests", "tool_calls_requested", "tool_calls_executed", "mcp_calls",
        "view_image_calls", "view_x_video_calls", "num_server_side_tools_used", "tool_calls", "tool_uses",
        // Parts of a cost, which is read as a whole.
        "total_cost", "input_cost", "output_cost", "input_tokens_cost", "output_tokens_cost", "reasoning_tokens_cost",
        "citation_tokens_cost", "request_cost", "search_queries_cost", "cache_creation_cost", "cache_read_cost",
        "tool_calls_cost", "upstream_inference_cost", "upstream_inference_prompt_cost",
        "upstream_inference_completions_cost", "upstream_inference_input_cost", "upstream_inference_output_cost",
        "upstreamInferenceCost", "inputCost", "outputCost", "totalCost",
        // Sizes that nobody charges for beside the tokens.
        "image_pixels", "video_pixels", "doc_size_bytes", "request_count", "successful_requests", "contextWindow",
        "maxOutputTokens", "modelContextWindow", "model_context_window", "spec_verify_ct",
    ]
    /// Objects and lists: a server's own times, and what repeats the whole.
    private static let groups: Set<String> = [
        "time_info", "context_details", "perf_metrics", "timings", "x_details",
    ]

    static func isSilent(field name: JSONValue) -> Bool { name.string.map(fields.contains) ?? false }

    static func isSilent(group name: JSONValue) -> Bool { name.string.map(groups.contains) ?? false }
}
