@testable import Accounting

/// What SDKs write. Sources: `UsageWords+SDKs`.
extension RawUsage {
    static let sdks: [RawUsage] = [
        RawUsage(
            name: "AI SDK 4", json: #"{"promptTokens": 1200, "completionTokens": 300, "totalTokens": 1500}"#,
            format: .vercel, meters: ["input_tokens": 1200, "output_tokens": 300]),
        // Plain input: 2000 - 1500. Plain output: 500 - 200.
        RawUsage(
            name: "AI SDK 5 for OpenAI",
            json: """
                {"inputTokens": 2000, "outputTokens": 500, "totalTokens": 2500, "reasoningTokens": 200, "cachedInputTokens": 1500}
                """,
            format: .vercel,
            meters: ["input_tokens": 500, "cache_read_tokens": 1500, "output_tokens": 300, "reasoning_tokens": 200]),
        // The cache does not fit into the prompt, so it is beside it.
        RawUsage(
            name: "AI SDK 5 for Anthropic",
            json: #"{"inputTokens": 40, "outputTokens": 500, "totalTokens": 540, "cachedInputTokens": 1500}"#,
            format: .vercel, meters: ["input_tokens": 40, "cache_read_tokens": 1500, "output_tokens": 500],
            residual: -1460),
        // The whole result has the provider's own object.
        RawUsage(
            name: "AI SDK 5 for Anthropic, the whole result",
            json: """
                {"usage": {"inputTokens": 1000, "outputTokens": 100, "totalTokens": 1100, "cachedInputTokens": 400},
                 "providerMetadata": {"anthropic": {"cacheCreationInputTokens": 300, "usage": {"input_tokens": 1000,
                  "cache_creation_input_tokens": 300, "cache_read_input_tokens": 400, "output_tokens": 100}}}}
                """,
            format: .anthropic,
            meters: ["input_tokens": 1000, "cache_read_tokens": 400, "cache_write_tokens": 300, "output_tokens": 100],
            kept: """
                {"input_tokens": 1000,
                  "cache_creation_input_tokens": 300, "cache_read_input_tokens": 400, "output_tokens": 100}
                """),
        // The total shows that the reasoning is beside the output: 2500 - 2000 - 300 = 200.
        RawUsage(
            name: "AI SDK 5 for Gemini",
            json: """
                {"inputTokens": 2000, "outputTokens": 300, "totalTokens": 2500, "reasoningTokens": 200, "cachedInputTokens": 1500}
                """,
            format: .vercel,
            meters: ["input_tokens": 500, "cache_read_tokens": 1500, "output_tokens": 300, "reasoning_tokens": 200]),
        RawUsage(
            name: "AI SDK 6 that wrote a cache",
            json: """
                {"inputTokens": 4740, "inputTokenDetails": {"noCacheTokens": 5, "cacheReadTokens": 0, "cacheWriteTokens": 4735},
                 "outputTokens": 255}
                """,
            format: .vercel, meters: ["input_tokens": 5, "cache_write_tokens": 4735, "output_tokens": 255]),
        // The two numbers at the top repeat what the details say.
        RawUsage(
            name: "AI SDK 6 with repeated numbers",
            json: """
                {"inputTokens": 21540, "inputTokenDetails": {"noCacheTokens": 40, "cacheReadTokens": 20000, "cacheWriteTokens": 1500},
                 "outputTokens": 700, "outputTokenDetails": {"textTokens": 500, "reasoningTokens": 200}, "totalTokens": 22240,
                 "reasoningTokens": 200, "cachedInputTokens": 20000}
                """,
            format: .vercel,
            meters: [
                "input_tokens": 40, "cache_read_tokens": 20_000, "cache_write_tokens": 1500, "output_tokens": 500,
                "reasoning_tokens": 200,
            ]),
        // The provider's own object says for how long the cache was written.
        RawUsage(
            name: "AI SDK 6 with the provider's object",
            json: """
                {"inputTokens": 21540, "inputTokenDetails": {"noCacheTokens": 40, "cacheReadTokens": 20000, "cacheWriteTokens": 1500},
                 "outputTokens": 700, "totalTokens": 22240, "raw": {"input_tokens": 40, "cache_read_input_tokens": 20000, "cache_creation_input_tokens": 1500, "cache_creation": {"ephemeral_5m_input_tokens": 500, "ephemeral_1h_input_tokens": 1000}, "output_tokens": 700}}
                """,
            format: .anthropic,
            meters: [
                "input_tokens": 40, "cache_read_tokens": 20_000, "cache_write_tokens": 500,
                "cache_write_1h_tokens": 1000, "output_tokens": 700,
            ],
            kept:
                #"{"input_tokens": 40, "cache_read_input_tokens": 20000, "cache_creation_input_tokens": 1500, "cache_creation": {"ephemeral_5m_input_tokens": 500, "ephemeral_1h_input_tokens": 1000}, "output_tokens": 700}"#
        ),
        RawUsage(
            name: "a provider of the AI SDK 6",
            json: """
                {"inputTokens": {"total": 21540, "noCache": 40, "cacheRead": 20000, "cacheWrite": 1500},
                 "outputTokens": {"total": 700, "text": 500, "reasoning": 200}}
                """,
            format: .vercel,
            meters: [
                "input_tokens": 40, "cache_read_tokens": 20_000, "cache_write_tokens": 1500, "output_tokens": 500,
                "reasoning_tokens": 200,
            ]),
        RawUsage(
            name: "embeddings of the AI SDK", json: #"{"tokens": 812}"#, format: .vercel, meters: ["input_tokens": 812]),
        // One object for each of two requests.
        RawUsage(
            name: "OpenAI's agents in JavaScript",
            json: """
                {"requests": 2, "inputTokens": 3000, "outputTokens": 500, "totalTokens": 3500, "inputTokensDetails": [{"cached_tokens": 400}, {"cached_tokens": 1100}],
                 "outputTokensDetails": [{"reasoning_tokens": 100}, {"reasoning_tokens": 100}]}
                """,
            format: .vercel,
            meters: ["input_tokens": 1500, "cache_read_tokens": 1500, "output_tokens": 300, "reasoning_tokens": 200]),
        RawUsage(
            name: "OpenRouter's SDK",
            json: """
                {"promptTokens": 21540, "completionTokens": 700, "totalTokens": 22240, "promptTokensDetails": {"cachedTokens": 20000, "cacheWriteTokens": 1500},
                 "completionTokensDetails": {"reasoningTokens": 200}, "serverToolUseDetails": {"webSearchRequests": 2, "toolCallsRequested": 2}}
                """,
            format: .vercel,
            meters: [
                "input_tokens": 40, "cache_read_tokens": 20_000, "cache_write_tokens": 1500, "output_tokens": 500,
                "reasoning_tokens": 200, "web_searches": 2,
            ]),
        RawUsage(
            name: "Spring AI for OpenAI",
            json: """
                {"promptTokens": 2000, "completionTokens": 500, "totalTokens": 2500, "cacheReadInputTokens": 1500, "cacheWriteInputTokens": null}
                """,
            format: .vercel, meters: ["input_tokens": 500, "cache_read_tokens": 1500, "output_tokens": 500]),
        // The kinds of writes replace their sum.
        RawUsage(
            name: "LangChain for Anthropic",
            json: """
                {"input_tokens": 21540, "output_tokens": 700, "total_tokens": 22240, "input_token_details": {"cache_read": 20000,
                 "cache_creation": 0, "ephemeral_5m_input_tokens": 500, "ephemeral_1h_input_tokens": 1000}}
                """,
            format: .langChain,
            meters: [
                "input_tokens": 40, "cache_read_tokens": 20_000, "cache_write_tokens": 500,
                "cache_write_1h_tokens": 1000, "output_tokens": 700,
            ]),
        // Input: 350 - 10 - 200 - 100 = 40. Output: 240 - 10 - 200 = 30.
        RawUsage(
            name: "LangChain with audio and reasoning",
            json: """
                {"input_tokens": 350, "output_tokens": 240, "total_tokens": 590, "input_token_details": {"audio": 10, "cache_creation": 200, "cache_read": 100},
                 "output_token_details": {"audio": 10, "reasoning": 200}}
                """,
            format: .langChain,
            meters: [
                "input_tokens": 40, "cache_read_tokens": 100, "cache_write_tokens": 200, "audio_input_tokens": 10,
                "output_tokens": 30, "reasoning_tokens": 200, "audio_output_tokens": 10,
            ]),
        RawUsage(
            name: "LangChain in priority",
            json: """
                {"input_tokens": 2000, "output_tokens": 500, "total_tokens": 2500, "input_token_details": {"priority_cache_read": 1500, "priority": 500},
                 "output_token_details": {"priority_reasoning": 200, "priority": 300}}
                """,
            format: .langChain,
            meters: ["input_tokens": 500, "cache_read_tokens": 1500, "output_tokens": 300, "reasoning_tokens": 200],
            tier: .priority),
        RawUsage(
            name: "a whole message of LangChain's",
            json: """
                {"content": "private", "usage_metadata": {"input_tokens": 12, "output_tokens": 3, "total_tokens": 15, "output_token_details": {"reasoning": 2}}}
                """,
            format: .langChain, meters: ["input_tokens": 12, "output_tokens": 1, "reasoning_tokens": 2],
            kept:
                #"{"input_tokens": 12, "output_tokens": 3, "total_tokens": 15, "output_token_details": {"reasoning": 2}}"#
        ),
        // Audio: 400 - 100. Reads: 1200 - 100. Plain input: 2000 - 300 - 100 - 1100 - 300 = 200.
        RawUsage(
            name: "Pydantic AI with everything",
            json: """
                {"input_tokens": 2000, "cache_write_tokens": 300, "cache_read_tokens": 1200, "output_tokens": 500, "input_audio_tokens": 400,
                 "cache_audio_read_tokens": 100, "output_audio_tokens": 0, "details": {"reasoning_tokens": 200}}
                """,
            format: .pydanticAI,
            meters: [
                "input_tokens": 200, "cache_read_tokens": 1100, "cache_read_audio_tokens": 100,
                "cache_write_tokens": 300, "audio_input_tokens": 300, "output_tokens": 300, "reasoning_tokens": 200,
            ]),
        RawUsage(
            name: "old Pydantic AI for Anthropic",
            json: """
                {"requests": 1, "request_tokens": 21540, "response_tokens": 700, "total_tokens": 22240, "details": {"input_tokens": 40,
                 "cache_read_input_tokens": 20000, "cache_creation_input_tokens": 1500, "output_tokens": 700}}
                """,
            format: .pydanticAI,
            meters: [
                "input_tokens": 40, "cache_read_tokens": 20_000, "cache_write_tokens": 1500, "output_tokens": 700,
            ]),
        RawUsage(
            name: "Mastra",
            json: """
                {"inputTokens": 21540, "outputTokens": 700, "inputDetails": {"text": 40, "cacheRead": 20000, "cacheWrite": 1500,
                 "cacheWrite5m": 500, "cacheWrite1h": 1000}, "outputDetails": {"text": 500, "reasoning": 200}}
                """,
            format: .mastra,
            meters: [
                "input_tokens": 40, "cache_read_tokens": 20_000, "cache_write_tokens": 500,
                "cache_write_1h_tokens": 1000, "output_tokens": 500, "reasoning_tokens": 200,
            ]),
        RawUsage(
            name: "Microsoft's extensions",
            json: """
                {"inputTokenCount": 2000, "outputTokenCount": 500, "totalTokenCount": 2500, "cachedInputTokenCount": 1500, "reasoningTokenCount": 200}
                """,
            format: .microsoft,
            meters: ["input_tokens": 500, "cache_read_tokens": 1500, "output_tokens": 300, "reasoning_tokens": 200]),
    ]
}
