@testable import Accounting

/// Meters beside the usual words, totals alone, and parts that overlap. Sources: `UsageReader+OpenAIChat`, `+Gemini`,
/// `+OpenAIResponses`; `voyageai.object.embeddings` (Voyage).
extension RawUsage {
    static let meters: [RawUsage] = [
        RawUsage(
            name: "Voyage's embeddings", json: #"{"total_tokens": 1000000}"#, format: .openAIResponses,
            meters: ["unsplit_tokens": 1_000_000]),
        RawUsage(
            name: "Voyage's embeddings of pictures",
            json: #"{"text_tokens": 100, "image_pixels": 1120000, "video_pixels": 0, "total_tokens": 2100}"#,
            format: .openAIResponses, meters: ["unsplit_tokens": 2100]),
        RawUsage(
            name: "wholes of 0 beside a total",
            json: #"{"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 50}"#,
            format: .openAIChat, meters: ["unsplit_tokens": 50]),
        // The reasoning is beside the completion, as the total shows: 108 + 3256 = 3364.
        RawUsage(
            name: "Perplexity's research",
            json: """
                {"prompt_tokens": 108, "completion_tokens": 3256, "total_tokens": 3364, "citation_tokens": 7299, "num_search_queries": 74,
                 "reasoning_tokens": 73248}
                """,
            format: .openAIChat,
            meters: [
                "input_tokens": 108, "output_tokens": 3256, "reasoning_tokens": 73_248, "citation_tokens": 7299,
                "web_searches": 74,
            ]),
        RawUsage(
            name: "Perplexity with a fee for the request",
            json: """
                {"prompt_tokens": 24, "completion_tokens": 2681, "total_tokens": 2705, "search_context_size": "low", "citation_tokens": null,
                 "num_search_queries": null, "cost": {"input_tokens_cost": 7e-05, "output_tokens_cost": 0.04022, "request_cost": 0.006, "total_cost": 0.04629}}
                """,
            format: .openAIChat, meters: ["input_tokens": 24, "output_tokens": 2681, "web_searches_low": 1],
            costNanodollars: 46_290_000),
        // 140,000 of 150,000 were cached, so of the video no more than 10,000 were not.
        RawUsage(
            name: "Gemini with a cache that must hold video",
            json: """
                {"promptTokenCount": 150000, "cachedContentTokenCount": 140000, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 50000},
                 {"modality": "VIDEO", "tokenCount": 100000}]}
                """,
            format: .gemini, meters: ["cache_read_tokens": 140_000, "video_input_tokens": 10_000], residual: -90_000),
        // 10 + 50 = 60: the candidates include the thoughts.
        RawUsage(
            name: "Gemini with thoughts among the candidates",
            json:
                #"{"promptTokenCount": 10, "candidatesTokenCount": 50, "thoughtsTokenCount": 20, "totalTokenCount": 60}"#,
            format: .gemini, meters: ["input_tokens": 10, "output_tokens": 30, "reasoning_tokens": 20]),
        RawUsage(
            name: "a whole answer of Gemini's with searches",
            json: """
                {"candidates": [{"content": {"parts": [{"text": "private"}]}, "groundingMetadata": {"webSearchQueries": ["a", "b", "a", ""]}}],
                 "usageMetadata": {"promptTokenCount": 4, "candidatesTokenCount": 12, "totalTokenCount": 16}}
                """,
            format: .gemini, meters: ["input_tokens": 4, "output_tokens": 12, "web_searches": 2],
            kept:
                #"{"usage": {"promptTokenCount": 4, "candidatesTokenCount": 12, "totalTokenCount": 16}, "web_searches": 2}"#
        ),
        // Opening a page costs only tokens. The calls of one container count once.
        RawUsage(
            name: "a whole response of OpenAI's with tools",
            json: """
                {"object": "response", "output": [{"type": "web_search_call", "status": "completed", "action": {"type": "search", "query": "private"}},
                 {"type": "web_search_call", "status": "completed", "action": {"type": "open_page"}}, {"type": "web_search_call", "status": "failed"},
                 {"type": "web_search_call", "status": "completed"}, {"type": "file_search_call"}, {"type": "code_interpreter_call", "container_id": "c"},
                 {"type": "code_interpreter_call", "container_id": "c"}], "usage": {"input_tokens": 5, "output_tokens": 7, "total_tokens": 12}}
                """,
            format: .openAIResponses,
            meters: [
                "input_tokens": 5, "output_tokens": 7, "web_searches": 2, "file_searches": 1,
                "code_interpreter_sessions": 1,
            ],
            kept:
                #"{"usage": {"input_tokens": 5, "output_tokens": 7, "total_tokens": 12}, "web_searches": 2, "file_searches": 1, "code_interpreter_sessions": 1}"#
        ),
        // Plain input: 1524 - 1305 - 213 = 6. Plain output: 1534 - 1187 = 347.
        RawUsage(
            name: "Alibaba with an explicit cache",
            json: """
                {"prompt_tokens": 1524, "completion_tokens": 1534, "total_tokens": 3058, "prompt_tokens_details": {"cached_tokens": 1305,
                 "cache_creation_input_tokens": 213, "cache_creation": {"ephemeral_5m_input_tokens": 213}, "cache_type": "ephemeral"},
                 "completion_tokens_details": {"reasoning_tokens": 1187}}
                """,
            format: .openAIChat,
            meters: [
                "input_tokens": 6, "cache_read_tokens": 1305, "cache_write_tokens": 213, "output_tokens": 347,
                "reasoning_tokens": 1187,
            ]),
        RawUsage(
            name: "OpenRouter's new word for its tools",
            json: """
                {"prompt_tokens": 10, "completion_tokens": 4, "total_tokens": 14, "server_tool_use_details": {"web_search_requests": 2,
                 "tool_calls_requested": 2, "tool_calls_executed": 2}}
                """,
            format: .openAIChat, meters: ["input_tokens": 10, "output_tokens": 4, "web_searches": 2]),
        RawUsage(
            name: "meters that nobody knows",
            json: """
                {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "guardrails_tokens": 2, "plugins": {"search": {"count": 1}},
                 "steps": [{"units": 3}, 4]}
                """,
            format: .openAIChat, meters: ["input_tokens": 10, "output_tokens": 5],
            unread: ["guardrails_tokens", "plugins/search/count", "steps/0/units", "steps/1"]),
        RawUsage(
            name: "a modality that nobody knows",
            json: """
                {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15, "promptTokensDetails": [{"modality": "SMELL", "tokenCount": 4}]}
                """,
            format: .gemini, meters: ["input_tokens": 10, "output_tokens": 5],
            unread: ["promptTokensDetails/0/tokenCount"]),
        RawUsage(
            name: "two numbers for one thing",
            json: """
                {"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 105, "prompt_tokens_details": {"cached_tokens": 60}, "cached_tokens": 64}
                """,
            format: .openAIChat, meters: ["input_tokens": 40, "cache_read_tokens": 60, "output_tokens": 5],
            unread: ["cached_tokens"]),
        RawUsage(
            name: "a class of service that nobody knows",
            json: #"{"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "service_tier": "turbo-x"}"#,
            format: .openAIChat, meters: ["input_tokens": 10, "output_tokens": 5], told: [.unknownServiceTier]),
        RawUsage(
            name: "traffic that is paid otherwise",
            json: #"{"promptTokenCount": 8, "candidatesTokenCount": 2, "trafficType": "PROVISIONED_THROUGHPUT"}"#,
            format: .gemini, meters: ["input_tokens": 8, "output_tokens": 2], told: [.unknownServiceTier]),
        // Each pass of a call has a context of its own.
        RawUsage(
            name: "Anthropic in fast mode without a tier",
            json: #"{"input_tokens": 1500, "output_tokens": 300, "speed": "fast"}"#, format: .anthropic,
            meters: ["input_tokens": 1500, "output_tokens": 300], tier: .fast),
        RawUsage(
            name: "Anthropic that says only its passes",
            json: """
                {"iterations": [{"type": "compaction", "input_tokens": 150000, "output_tokens": 500},
                 {"type": "message", "input_tokens": 120000, "cache_creation_input_tokens": 300, "cache_creation": {"ephemeral_5m_input_tokens": 100,
                  "ephemeral_1h_input_tokens": 200}, "output_tokens": 40}]}
                """,
            format: .anthropic,
            meters: [
                "input_tokens": 270_000, "cache_write_tokens": 100, "cache_write_1h_tokens": 200, "output_tokens": 540,
            ]),
        // Only the totals say what was thought, and for how long the cache was written.
        RawUsage(
            name: "Anthropic whose passes say less of themselves than the totals",
            json: """
                {"input_tokens": 412, "cache_creation_input_tokens": 300, "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 300},
                 "output_tokens": 531, "output_tokens_details": {"thinking_tokens": 50}, "iterations": [
                 {"type": "message", "input_tokens": 412, "cache_creation_input_tokens": 300, "output_tokens": 89},
                 {"type": "message", "input_tokens": 150000, "output_tokens": 442}]}
                """,
            format: .anthropic,
            meters: [
                "input_tokens": 150_412, "cache_write_1h_tokens": 300, "output_tokens": 481, "reasoning_tokens": 50,
            ]),
        RawUsage(
            name: "Anthropic's words with a total",
            json: """
                {"input_tokens": 10, "output_tokens": 5, "total_tokens": 100015, "cache_read_input_tokens": 100000, "cache_creation_input_tokens": 0}
                """,
            format: .anthropic,
            meters: ["input_tokens": 10, "cache_read_tokens": 100_000, "output_tokens": 5]),
        RawUsage(
            name: "a whole response of xAI's, whose tools are counted in the usage",
            json: """
                {"output": [{"type": "web_search_call"}, {"type": "code_interpreter_call"}], "usage": {"input_tokens": 5, "output_tokens": 7,
                 "total_tokens": 12, "server_side_tool_usage_details": {"web_search_calls": 1, "code_interpreter_calls": 1}}}
                """,
            format: .openAIResponses,
            meters: ["input_tokens": 5, "output_tokens": 7, "web_searches": 1, "code_executions": 1],
            kept: """
                {"input_tokens": 5, "output_tokens": 7,
                 "total_tokens": 12, "server_side_tool_usage_details": {"web_search_calls": 1, "code_interpreter_calls": 1}}
                """),
        // The hop that declined is another model's.
        RawUsage(
            name: "Anthropic that fell back to another model",
            json: """
                {"input_tokens": 412, "output_tokens": 264, "iterations": [{"type": "message", "model": "m", "input_tokens": 408, "output_tokens": 0},
                 {"type": "fallback_message", "model": "n", "input_tokens": 412, "output_tokens": 264}]}
                """,
            format: .anthropic, meters: ["input_tokens": 412, "output_tokens": 264], residual: 408),
        // The totals say the input of the first pass alone.
        RawUsage(
            name: "Anthropic of before, with two passes",
            json: """
                {"input_tokens": 412, "cache_read_input_tokens": 0, "output_tokens": 531, "iterations": [
                 {"type": "message", "input_tokens": 412, "output_tokens": 89}, {"type": "message", "input_tokens": 1348, "cache_read_input_tokens": 412, "output_tokens": 442}]}
                """,
            format: .anthropic, meters: ["input_tokens": 1760, "cache_read_tokens": 412, "output_tokens": 531]),
    ]
}
