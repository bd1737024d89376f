/// Sources: `TokenUsage` and `TokenUsageBreakdown` of openai/codex, `ModelUsage` of claude-agent-sdk-python 0.2,
/// `ApiResponseEvent`, session statistics and session files of google-gemini/gemini-cli 0.56.
extension UsageWords {
    /// The whole prompt and the whole output, as OpenAI's responses count them.
    static let codex = UsageWords(words: [
        Word("input_tokens", is: .input), Word("inputTokens", is: .input), Word("output_tokens", is: .output),
        Word("outputTokens", is: .output), Word("total_tokens", is: .total), Word("totalTokens", is: .total),
        Word("cached_input_tokens", is: .reads), Word("cachedInputTokens", is: .reads),
        Word("cache_write_input_tokens", is: .writes), Word("cacheWriteInputTokens", is: .writes),
        Word("reasoning_output_tokens", is: .reasoning), Word("reasoningOutputTokens", is: .reasoning),
    ])

    /// The cache is beside the prompt, as Anthropic counts.
    static let claudeCode = UsageWords(
        isCacheInside: false,
        words: [
            Word("inputTokens", is: .input), Word("input_tokens", is: .input), Word("outputTokens", is: .output),
            Word("output_tokens", is: .output), Word("cacheReadInputTokens", is: .reads),
            Word("cache_read_tokens", is: .reads), Word("cacheCreationInputTokens", is: .writes),
            Word("cache_creation_tokens", is: .writes), Word("webSearchRequests", is: .beside(.webSearches)),
        ])

    /// Thoughts are beside the output, and tool results beside the prompt, as Gemini counts.
    static let geminiTelemetry = UsageWords(
        isReasoningInside: false,
        words: [
            Word("input_token_count", is: .input), Word("input", is: .input), Word("output_token_count", is: .output),
            Word("output", is: .output), Word("cached_content_token_count", is: .reads), Word("cached", is: .reads),
            Word("thoughts_token_count", is: .reasoning), Word("thoughts", is: .reasoning),
            Word("tool_token_count", is: .moreInput), Word("tool", is: .moreInput),
            Word("total_token_count", is: .total), Word("total", is: .total),
        ])

    /// `prompt` is the whole prompt, `input` what of it was not cached.
    static let geminiStatistics = UsageWords(
        sign: "prompt", isReasoningInside: false,
        words: [
            Word("prompt", is: .input), Word("candidates", is: .output), Word("cached", is: .reads),
            Word("thoughts", is: .reasoning), Word("tool", is: .moreInput), Word("total", is: .total),
            Word("input", is: .silent),
        ])
}
