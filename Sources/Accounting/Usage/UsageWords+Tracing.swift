/// Sources: the GenAI conventions of open-telemetry/semantic-conventions 1.44 and the names that instrumentations write
/// besides, openinference-semantic-conventions 0.1.32, the ingestion types and price table of langfuse 4.16,
/// `mapModelUsageToOpenAI` of Helicone/helicone.
extension UsageWords {
    static let openTelemetry = UsageWords(words: [
        Word("gen_ai.usage.input_tokens", is: .input), Word("gen_ai.usage.prompt_tokens", is: .input),
        Word("gen_ai.usage.output_tokens", is: .output), Word("gen_ai.usage.completion_tokens", is: .output),
        Word("gen_ai.usage.total_tokens", is: .total), Word("gen_ai.usage.cache_read.input_tokens", is: .reads),
        Word("gen_ai.usage.cache_read_input_tokens", is: .reads), Word("gen_ai.usage.cache_read_tokens", is: .reads),
        Word("gen_ai.usage.cache_creation.input_tokens", is: .writes),
        Word("gen_ai.usage.cache_creation_input_tokens", is: .writes),
        Word("gen_ai.usage.cache_write_input_tokens", is: .writes),
        Word("gen_ai.usage.cache_write_tokens", is: .writes),
        Word("gen_ai.usage.reasoning.output_tokens", is: .reasoning),
        Word("gen_ai.usage.reasoning_tokens", is: .reasoning),
    ])

    /// As one object of attributes, or nested.
    static let openInference = UsageWords(words: [
        Word("llm.token_count.prompt", is: .input), Word("prompt", is: .input),
        Word("llm", "token_count", "prompt", is: .input), Word("token_count", "prompt", is: .input),
        Word("llm.token_count.completion", is: .output), Word("completion", is: .output),
        Word("llm", "token_count", "completion", is: .output), Word("token_count", "completion", is: .output),
        Word("llm.token_count.total", is: .total), Word("total", is: .total),
        Word("llm", "token_count", "total", is: .total), Word("token_count", "total", is: .total),
        Word("llm.token_count.prompt_details.cache_read", is: .reads), Word("prompt_details", "cache_read", is: .reads),
        Word("llm", "token_count", "prompt_details", "cache_read", is: .reads),
        Word("token_count", "prompt_details", "cache_read", is: .reads), Word("promptDetails", "cacheRead", is: .reads),
        Word("llm.token_count.prompt_details.cache_input", is: .reads),
        Word("prompt_details", "cache_input", is: .reads),
        Word("llm.token_count.prompt_details.cache_write", is: .writes),
        Word("prompt_details", "cache_write", is: .writes),
        Word("llm", "token_count", "prompt_details", "cache_write", is: .writes),
        Word("token_count", "prompt_details", "cache_write", is: .writes),
        Word("promptDetails", "cacheWrite", is: .writes),
        Word("llm.token_count.prompt_details.audio", is: .audioInput), Word("prompt_details", "audio", is: .audioInput),
        Word("llm", "token_count", "prompt_details", "audio", is: .audioInput),
        Word("token_count", "prompt_details", "audio", is: .audioInput),
        Word("promptDetails", "audio", is: .audioInput),
        Word("llm.token_count.completion_details.reasoning", is: .reasoning),
        Word("completion_details", "reasoning", is: .reasoning),
        Word("llm", "token_count", "completion_details", "reasoning", is: .reasoning),
        Word("token_count", "completion_details", "reasoning", is: .reasoning),
        Word("llm.token_count.completion_details.audio", is: .audioOutput),
        Word("completion_details", "audio", is: .audioOutput),
        Word("llm", "token_count", "completion_details", "audio", is: .audioOutput),
        Word("token_count", "completion_details", "audio", is: .audioOutput),
    ])

    /// Every key counts something else: `input` and `output` are what the other keys leave of them.
    static let langfuse = UsageWords(
        isCacheInside: false, areMediaInside: false, isReasoningInside: false,
        words: [
            Word("input", is: .input), Word("output", is: .output), Word("total", is: .total),
            Word("input_text_tokens", is: .moreInput), Word("input_text", is: .moreInput),
            Word("output_text_tokens", is: .moreOutput), Word("output_text", is: .moreOutput),
            Word("output_accepted_prediction_tokens", is: .moreOutput),
            Word("output_rejected_prediction_tokens", is: .moreOutput), Word("input_cached_tokens", is: .reads),
            Word("input_cache_read", is: .reads), Word("cache_read_input_tokens", is: .reads),
            Word("input_cached_text_tokens", is: .reads), Word("input_cache_creation", is: .writes),
            Word("cache_creation_input_tokens", is: .writes), Word("cache_write_tokens", is: .writes),
            Word("input_cache_creation_5m", is: .writes5m), Word("input_cache_creation_1h", is: .writes1h),
            Word("output_reasoning_tokens", is: .reasoning), Word("output_reasoning", is: .reasoning),
            Word("reasoning_tokens", is: .reasoning), Word("input_audio_tokens", is: .audioInput),
            Word("input_audio", is: .audioInput), Word("input_image", is: .imageInput),
            Word("input_image_tokens", is: .imageInput), Word("output_audio_tokens", is: .audioOutput),
            Word("output_audio", is: .audioOutput), Word("output_image_tokens", is: .imageOutput),
            Word("web_search_queries", is: .beside(.webSearches)), Word("inputCost", is: .silent),
            Word("outputCost", is: .silent), Word("totalCost", is: .silent),
        ])

    /// Writes and media are beside the wholes, and the total counts reads twice.
    static let helicone = UsageWords(
        areWritesInside: false, areMediaInside: false,
        words: [
            Word("prompt_tokens", is: .input), Word("completion_tokens", is: .output),
            Word("total_tokens", is: .silent), Word("prompt_tokens_details", "cached_tokens", is: .reads),
            Word("prompt_tokens_details", "cache_write_tokens", is: .writes),
            Word("prompt_tokens_details", "cache_write_details", "write_5m_tokens", is: .writes5m),
            Word("prompt_tokens_details", "cache_write_details", "write_1h_tokens", is: .writes1h),
            Word("prompt_tokens_details", "audio_tokens", is: .audioInput),
            Word("completion_tokens_details", "reasoning_tokens", is: .reasoning),
            Word("completion_tokens_details", "audio_tokens", is: .audioOutput),
            Word("modality_tokens", "image", "input_tokens", is: .imageInput),
            Word("modality_tokens", "image", "output_tokens", is: .imageOutput),
            Word("modality_tokens", "video", "input_tokens", is: .videoInput),
            Word("modality_tokens", "video", "output_tokens", is: .videoOutput),
            Word("server_tool_use", "web_search_requests", is: .beside(.webSearches)),
        ])
}
