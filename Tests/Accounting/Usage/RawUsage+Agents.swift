@testable import Accounting

/// What agents' commands write. Sources: `UsageWords+Agents`.
extension RawUsage {
    static let agents: [RawUsage] = [
        RawUsage(
            name: "Codex",
            json: """
                {"input_tokens": 24763, "cached_input_tokens": 24448, "output_tokens": 522, "reasoning_output_tokens": 320, "total_tokens": 25285}
                """,
            format: .codex,
            meters: ["input_tokens": 315, "cache_read_tokens": 24_448, "output_tokens": 202, "reasoning_tokens": 320]),
        // The sums of the session are not those of the call.
        RawUsage(
            name: "an event of Codex's",
            json: """
                {"type": "token_count", "info": {"total_token_usage": {"input_tokens": 90000, "output_tokens": 4000, "total_tokens": 94000},
                 "last_token_usage": {"input_tokens": 100, "cached_input_tokens": 60, "output_tokens": 5, "reasoning_output_tokens": 0, "total_tokens": 105}}}
                """,
            format: .codex, meters: ["input_tokens": 40, "cache_read_tokens": 60, "output_tokens": 5],
            kept:
                #"{"input_tokens": 100, "cached_input_tokens": 60, "output_tokens": 5, "reasoning_output_tokens": 0, "total_tokens": 105}"#
        ),
        RawUsage(
            name: "Codex's server",
            json: """
                {"totalTokens": 25285, "inputTokens": 24763, "cachedInputTokens": 24448, "cacheWriteInputTokens": 100, "outputTokens": 522, "reasoningOutputTokens": 320}
                """,
            format: .codex,
            meters: [
                "input_tokens": 215, "cache_read_tokens": 24_448, "cache_write_tokens": 100, "output_tokens": 202,
                "reasoning_tokens": 320,
            ]),
        RawUsage(
            name: "Claude Code's sums of a model",
            json: """
                {"inputTokens": 3, "outputTokens": 24, "cacheReadInputTokens": 20012, "cacheCreationInputTokens": 410, "webSearchRequests": 1,
                 "costUSD": 0.0206, "contextWindow": 200000, "maxOutputTokens": 64000}
                """,
            format: .claudeCode,
            meters: [
                "input_tokens": 3, "cache_read_tokens": 20_012, "cache_write_tokens": 410, "output_tokens": 24,
                "web_searches": 1,
            ], costNanodollars: 20_600_000),
        RawUsage(
            name: "an event of Claude Code's",
            json: """
                {"input_tokens": 3, "output_tokens": 24, "cache_read_tokens": 20012, "cache_creation_tokens": 410, "cost_usd": 0.0206, "duration_ms": 900}
                """,
            format: .claudeCode,
            meters: [
                "input_tokens": 3, "cache_read_tokens": 20_012, "cache_write_tokens": 410, "output_tokens": 24,
            ], costNanodollars: 20_600_000),
        // Input: 9000 - 7000 + 100 of a tool. Total: 9000 + 400 + 250 + 100.
        RawUsage(
            name: "the Gemini command's telemetry",
            json: """
                {"input_token_count": 9000, "output_token_count": 400, "cached_content_token_count": 7000, "thoughts_token_count": 250,
                 "tool_token_count": 100, "total_token_count": 9750}
                """,
            format: .geminiCLI,
            meters: ["input_tokens": 2100, "cache_read_tokens": 7000, "output_tokens": 400, "reasoning_tokens": 250]),
        RawUsage(
            name: "the Gemini command's statistics",
            json: """
                {"input": 2000, "prompt": 9000, "candidates": 400, "total": 9750, "cached": 7000, "thoughts": 250, "tool": 100}
                """,
            format: .geminiCLI,
            meters: ["input_tokens": 2100, "cache_read_tokens": 7000, "output_tokens": 400, "reasoning_tokens": 250]),
        RawUsage(
            name: "a session of the Gemini command",
            json: #"{"input": 9000, "output": 400, "cached": 7000, "thoughts": 250, "tool": 100, "total": 9750}"#,
            format: .geminiCLI,
            meters: ["input_tokens": 2100, "cache_read_tokens": 7000, "output_tokens": 400, "reasoning_tokens": 250]),
        RawUsage(
            name: "CrewAI",
            json: """
                {"total_tokens": 2500, "prompt_tokens": 2000, "cached_prompt_tokens": 1500, "completion_tokens": 500, "reasoning_tokens": 200,
                 "cache_creation_tokens": 0, "successful_requests": 1}
                """,
            format: .openAIChat,
            meters: ["input_tokens": 500, "cache_read_tokens": 1500, "output_tokens": 300, "reasoning_tokens": 200]),
        // The reads are in the prompt, the writes are not: 13 - 10 = 3.
        RawUsage(
            name: "LiteLLM 1.70 for Anthropic",
            json: """
                {"prompt_tokens": 13, "completion_tokens": 550, "total_tokens": 563, "prompt_tokens_details": {"cached_tokens": 10},
                 "completion_tokens_details": null, "cache_creation_input_tokens": 12304, "cache_read_input_tokens": 10}
                """,
            format: .openAIChat,
            meters: [
                "input_tokens": 3, "cache_read_tokens": 10, "cache_write_tokens": 12_304, "output_tokens": 550,
            ]),
        // 21540 - 20000 - 1500 = 40, which is what the details call text.
        RawUsage(
            name: "new LiteLLM for Anthropic",
            json: """
                {"prompt_tokens": 21540, "completion_tokens": 700, "total_tokens": 22240, "prompt_tokens_details": {"audio_tokens": null,
                 "cached_tokens": 20000, "text_tokens": 40, "image_tokens": null, "cache_creation_tokens": 1500,
                 "cache_creation_token_details": {"ephemeral_5m_input_tokens": 500, "ephemeral_1h_input_tokens": 1000}},
                 "completion_tokens_details": {"reasoning_tokens": 200, "text_tokens": 500}, "server_tool_use": {"web_search_requests": 2,
                 "tool_search_requests": null}, "cache_creation_input_tokens": 1500, "cache_read_input_tokens": 20000, "inference_geo": "us"}
                """,
            format: .openAIChat,
            meters: [
                "input_tokens": 40, "cache_read_tokens": 20_000, "cache_write_tokens": 500,
                "cache_write_1h_tokens": 1000, "output_tokens": 500, "reasoning_tokens": 200, "web_searches": 2,
            ], region: "us"),
    ]
}
