/// Sources: `LanguageModelUsage` and `LanguageModelV2Usage` to `V4Usage` of vercel/ai 4.3 to 7.0, `UsageMetadata` of
/// langchain-core (Python and JavaScript), `RequestUsage` and `Usage` of pydantic-ai, `UsageStats` of mastra-ai/mastra,
/// `UsageDetails` of dotnet/extensions, `ChatUsage` of OpenRouter's typescript-sdk 1.2, `Usage` of openai-agents-js 0.17,
/// `DefaultUsage` of spring-ai 2.0.
extension UsageWords {
    /// Four generations of names, and those of SDKs that share them. Version 5 passes on what its provider means by its
    /// words: a cache beside the prompt shows in that it does not fit in, reasoning beside the output in the total.
    static let vercel = UsageWords(words: [
        Word("inputTokens", is: .input), Word("inputTokens", "total", is: .input), Word("promptTokens", is: .input),
        Word("outputTokens", is: .output), Word("outputTokens", "total", is: .output),
        Word("completionTokens", is: .output), Word("totalTokens", is: .total), Word("tokens", is: .input),
        Word("inputTokenDetails", "cacheReadTokens", is: .reads), Word("inputTokens", "cacheRead", is: .reads),
        Word("cachedInputTokens", is: .reads), Word("cacheReadInputTokens", is: .reads),
        Word("promptTokensDetails", "cachedTokens", is: .reads), Word("inputTokensDetails", "cachedTokens", is: .reads),
        Word("inputTokensDetails", "cached_tokens", is: .reads),
        Word("inputTokenDetails", "cacheWriteTokens", is: .writes), Word("inputTokens", "cacheWrite", is: .writes),
        Word("cacheWriteInputTokens", is: .writes), Word("promptTokensDetails", "cacheWriteTokens", is: .writes),
        Word("inputTokensDetails", "cacheWriteTokens", is: .writes),
        Word("inputTokensDetails", "cache_write_tokens", is: .writes),
        Word("outputTokenDetails", "reasoningTokens", is: .reasoning),
        Word("outputTokens", "reasoning", is: .reasoning),
        Word("reasoningTokens", is: .reasoning), Word("completionTokensDetails", "reasoningTokens", is: .reasoning),
        Word("outputTokensDetails", "reasoningTokens", is: .reasoning),
        Word("outputTokensDetails", "reasoning_tokens", is: .reasoning),
        Word("promptTokensDetails", "audioTokens", is: .audioInput),
        Word("inputTokensDetails", "audio_tokens", is: .audioInput),
        Word("promptTokensDetails", "videoTokens", is: .videoInput),
        Word("completionTokensDetails", "audioTokens", is: .audioOutput),
        Word("outputTokensDetails", "audio_tokens", is: .audioOutput),
        Word("serverToolUseDetails", "webSearchRequests", is: .beside(.webSearches)),
        Word("inputTokenDetails", "noCacheTokens", is: .silent), Word("inputTokens", "noCache", is: .silent),
        Word("outputTokenDetails", "textTokens", is: .silent), Word("outputTokens", "text", is: .silent),
        Word("requests", is: .silent), Word("serverToolUseDetails", "toolCallsRequested", is: .silent),
        Word("serverToolUseDetails", "toolCallsExecuted", is: .silent),
    ])

    /// The prompt includes everything. Names with a service tier replace the plain ones.
    static let langChain = UsageWords(words: [
        Word("input_tokens", is: .input), Word("output_tokens", is: .output), Word("total_tokens", is: .total),
        Word("input_token_details", "cache_read", is: .reads),
        Word("input_token_details", "priority_cache_read", is: .reads),
        Word("input_token_details", "flex_cache_read", is: .reads),
        Word("input_token_details", "cache_creation", is: .writes),
        Word("input_token_details", "ephemeral_5m_input_tokens", is: .writes5m),
        Word("input_token_details", "ephemeral_1h_input_tokens", is: .writes1h),
        Word("input_token_details", "audio", is: .audioInput), Word("input_token_details", "image", is: .imageInput),
        Word("input_token_details", "video", is: .videoInput), Word("input_token_details", "priority", is: .silent),
        Word("input_token_details", "flex", is: .silent), Word("output_token_details", "reasoning", is: .reasoning),
        Word("output_token_details", "priority_reasoning", is: .reasoning),
        Word("output_token_details", "flex_reasoning", is: .reasoning),
        Word("output_token_details", "audio", is: .audioOutput),
        Word("output_token_details", "image", is: .imageOutput),
        Word("output_token_details", "video", is: .videoOutput), Word("output_token_details", "priority", is: .silent),
        Word("output_token_details", "flex", is: .silent),
    ])

    /// `details` repeats what the provider said in its own words.
    static let pydanticAI = UsageWords(words: [
        Word("input_tokens", is: .input), Word("request_tokens", is: .input), Word("output_tokens", is: .output),
        Word("response_tokens", is: .output), Word("total_tokens", is: .total), Word("cache_read_tokens", is: .reads),
        Word("details", "cache_read_input_tokens", is: .reads), Word("details", "cached_tokens", is: .reads),
        Word("details", "cached_content_tokens", is: .reads), Word("cache_write_tokens", is: .writes),
        Word("details", "cache_creation_input_tokens", is: .writes), Word("input_audio_tokens", is: .audioInput),
        Word("cache_audio_read_tokens", is: .cachedAudio), Word("output_audio_tokens", is: .audioOutput),
        Word("details", "reasoning_tokens", is: .reasoning), Word("details", "thoughts_tokens", is: .reasoning),
        Word("details", "input_tokens", is: .silent), Word("details", "output_tokens", is: .silent),
        Word("requests", is: .silent),
    ])

    static let mastra = UsageWords(words: [
        Word("inputTokens", is: .input), Word("outputTokens", is: .output), Word("totalTokens", is: .total),
        Word("inputDetails", "cacheRead", is: .reads), Word("inputDetails", "cacheWrite", is: .writes),
        Word("inputDetails", "cacheWrite5m", is: .writes5m), Word("inputDetails", "cacheWrite1h", is: .writes1h),
        Word("inputDetails", "audio", is: .audioInput), Word("inputDetails", "image", is: .imageInput),
        Word("outputDetails", "reasoning", is: .reasoning), Word("outputDetails", "audio", is: .audioOutput),
        Word("outputDetails", "image", is: .imageOutput),
    ])

    static let microsoft = UsageWords(words: [
        Word("inputTokenCount", is: .input), Word("InputTokenCount", is: .input),
        Word("outputTokenCount", is: .output), Word("OutputTokenCount", is: .output),
        Word("totalTokenCount", is: .total), Word("TotalTokenCount", is: .total),
        Word("cachedInputTokenCount", is: .reads), Word("CachedInputTokenCount", is: .reads),
        Word("reasoningTokenCount", is: .reasoning), Word("ReasoningTokenCount", is: .reasoning),
        Word("inputAudioTokenCount", is: .audioInput), Word("InputAudioTokenCount", is: .audioInput),
        Word("outputAudioTokenCount", is: .audioOutput), Word("OutputAudioTokenCount", is: .audioOutput),
        Word("inputTextTokenCount", is: .silent), Word("InputTextTokenCount", is: .silent),
        Word("outputTextTokenCount", is: .silent), Word("OutputTextTokenCount", is: .silent),
    ])
}
