@testable import Accounting

/// What tracing writes. Sources: `UsageWords+Tracing`.
extension RawUsage {
    static let tracing: [RawUsage] = [
        RawUsage(
            name: "OpenTelemetry's attributes",
            json: """
                {"gen_ai.usage.input_tokens": 21540, "gen_ai.usage.output_tokens": 700, "gen_ai.usage.cache_read.input_tokens": 20000,
                 "gen_ai.usage.cache_creation.input_tokens": 1500, "gen_ai.usage.reasoning.output_tokens": 200}
                """,
            format: .openTelemetry,
            meters: [
                "input_tokens": 40, "cache_read_tokens": 20_000, "cache_write_tokens": 1500, "output_tokens": 500,
                "reasoning_tokens": 200,
            ]),
        RawUsage(
            name: "OpenInference's attributes",
            json: """
                {"llm.token_count.prompt": 21540, "llm.token_count.completion": 700, "llm.token_count.total": 22240,
                 "llm.token_count.prompt_details.cache_read": 20000, "llm.token_count.prompt_details.cache_write": 1500,
                 "llm.token_count.completion_details.reasoning": 200}
                """,
            format: .openInference,
            meters: [
                "input_tokens": 40, "cache_read_tokens": 20_000, "cache_write_tokens": 1500, "output_tokens": 500,
                "reasoning_tokens": 200,
            ]),
        RawUsage(
            name: "OpenInference's attributes, nested",
            json: """
                {"llm": {"token_count": {"prompt": 120, "completion": 30, "total": 150, "prompt_details": {"cache_read": 100}}}}
                """,
            format: .openInference, meters: ["input_tokens": 20, "cache_read_tokens": 100, "output_tokens": 30]),
        // All keys are disjoint: 500 + 1500 + 300 + 200 = 2500.
        RawUsage(
            name: "Langfuse",
            json:
                #"{"input": 500, "input_cached_tokens": 1500, "output": 300, "output_reasoning_tokens": 200, "total": 2500}"#,
            format: .langfuse,
            meters: ["input_tokens": 500, "cache_read_tokens": 1500, "output_tokens": 300, "reasoning_tokens": 200]),
        RawUsage(
            name: "Langfuse for Anthropic",
            json: """
                {"input": 40, "cache_read_input_tokens": 20000, "input_cache_creation_5m": 500, "input_cache_creation_1h": 1000, "output": 700, "total": 22240}
                """,
            format: .langfuse,
            meters: [
                "input_tokens": 40, "cache_read_tokens": 20_000, "cache_write_tokens": 500,
                "cache_write_1h_tokens": 1000, "output_tokens": 700,
            ]),
        // The writes are beside the prompt. The total counts the reads twice.
        RawUsage(
            name: "Helicone's gateway",
            json: """
                {"prompt_tokens": 20040, "completion_tokens": 700, "total_tokens": 42240, "prompt_tokens_details": {"cached_tokens": 20000,
                 "audio_tokens": 0, "cache_write_tokens": 1500, "cache_write_details": {"write_5m_tokens": 500, "write_1h_tokens": 1000}},
                 "completion_tokens_details": {"reasoning_tokens": 200, "audio_tokens": 0}, "modality_tokens": {}}
                """,
            format: .helicone,
            meters: [
                "input_tokens": 40, "cache_read_tokens": 20_000, "cache_write_tokens": 500,
                "cache_write_1h_tokens": 1000, "output_tokens": 500, "reasoning_tokens": 200,
            ]),
    ]
}
