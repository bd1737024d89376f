@testable import Accounting

/// Providers that took over the fields of OpenAI's chat. Sources: DeepSeek: api-docs.deepseek.com (create chat
/// completion). xAI: docs.x.ai (cost tracking, tool usage details). Groq: `CompletionUsage` of groq-python 1.7.
/// Mistral: `UsageInfo`, `ConversationUsageInfo` and `OCRUsageInfo` of mistralai 3.7, docs.mistral.ai (agents, audio,
/// prompt caching).
extension RawUsage {
    static let relatives: [RawUsage] = [
        // Input: 1024 hits + 476 misses = 1500. The completion includes the reasoning: 800 - 700 = 100.
        RawUsage(
            name: "DeepSeek with hits and misses",
            json: """
                {"prompt_tokens": 1500, "completion_tokens": 800, "total_tokens": 2300, "prompt_cache_hit_tokens": 1024,
                 "prompt_cache_miss_tokens": 476, "completion_tokens_details": {"reasoning_tokens": 700}}
                """,
            format: .openAIChat,
            meters: ["input_tokens": 476, "cache_read_tokens": 1024, "output_tokens": 100, "reasoning_tokens": 700]),
        RawUsage(
            name: "DeepSeek telling its hits twice",
            json: """
                {"prompt_tokens": 1500, "completion_tokens": 8, "total_tokens": 1508, "prompt_cache_hit_tokens": 1024,
                 "prompt_cache_miss_tokens": 476, "prompt_tokens_details": {"cached_tokens": 1024}}
                """,
            format: .openAIChat, meters: ["input_tokens": 476, "cache_read_tokens": 1024, "output_tokens": 8]),
        // The completion excludes the reasoning: 32 + 9 + 110 = 151. Plain input: 32 - 6 = 26.
        RawUsage(
            name: "xAI with reasoning outside the completion",
            json: """
                {"prompt_tokens": 32, "completion_tokens": 9, "total_tokens": 151,
                 "prompt_tokens_details": {"text_tokens": 32, "audio_tokens": 0, "image_tokens": 0, "cached_tokens": 6},
                 "completion_tokens_details": {"reasoning_tokens": 110, "audio_tokens": 0,
                   "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0},
                 "num_sources_used": 0}
                """,
            format: .openAIChat,
            meters: ["input_tokens": 26, "cache_read_tokens": 6, "output_tokens": 9, "reasoning_tokens": 110]),
        RawUsage(
            name: "xAI with an image in the prompt",
            json: """
                {"prompt_tokens": 1000, "completion_tokens": 9, "total_tokens": 1009,
                 "prompt_tokens_details": {"text_tokens": 232, "image_tokens": 768, "cached_tokens": 0}}
                """,
            format: .openAIChat, meters: ["input_tokens": 232, "image_input_tokens": 768, "output_tokens": 9]),
        // 1000 hits and 400 misses are 100 fewer than the prompt.
        RawUsage(
            name: "DeepSeek whose hits and misses are not its prompt",
            json: """
                {"prompt_tokens": 1500, "completion_tokens": 8, "total_tokens": 1508, "prompt_cache_hit_tokens": 1000,
                 "prompt_cache_miss_tokens": 400}
                """,
            format: .openAIChat,
            meters: ["input_tokens": 500, "cache_read_tokens": 1000, "output_tokens": 8], residual: -100),
        // 158,505 ticks of 1e-10 USD are 15,850.5 nanodollars, which round to the even 15,850.
        RawUsage(
            name: "xAI with its cost",
            json: """
                {"prompt_tokens": 199, "completion_tokens": 1, "total_tokens": 200, "num_sources_used": 4,
                 "prompt_tokens_details": {"text_tokens": 199, "audio_tokens": 0, "image_tokens": 0, "cached_tokens": 163},
                 "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0,
                   "rejected_prediction_tokens": 0}, "cost_in_usd_ticks": 158505}
                """,
            format: .openAIChat, meters: ["input_tokens": 36, "cache_read_tokens": 163, "output_tokens": 1],
            costNanodollars: 15_850, unread: ["num_sources_used"]),
        RawUsage(
            name: "Groq's whole answer with its times",
            json: """
                {"object": "chat.completion", "x_groq": {"id": "req_1"}, "service_tier": "on_demand", "usage":
                {"queue_time": 0.037493756, "prompt_tokens": 18, "prompt_time": 0.000680594, "completion_tokens": 556, "total_tokens": 574, "total_time": 0.464013927}}
                """,
            format: .openAIChat, meters: ["input_tokens": 18, "output_tokens": 556], tier: .standard,
            kept:
                #"{"queue_time": 0.037493756, "prompt_tokens": 18, "prompt_time": 0.000680594, "completion_tokens": 556, "total_tokens": 574, "total_time": 0.464013927}"#
        ),
        // Plain input: 4641 - 4608 = 33. Plain output: 1817 - 1500 = 317.
        RawUsage(
            name: "Groq with cache and reasoning",
            json: """
                {"queue_time": 0.03, "prompt_tokens": 4641, "prompt_time": 0.01, "completion_tokens": 1817, "total_tokens": 6458,
                 "prompt_tokens_details": {"cached_tokens": 4608}, "completion_tokens_details": {"reasoning_tokens": 1500}}
                """,
            format: .openAIChat,
            meters: ["input_tokens": 33, "cache_read_tokens": 4608, "output_tokens": 317, "reasoning_tokens": 1500]),
        RawUsage(
            name: "the last chunk of a stream of Groq's",
            json: """
                {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
                 "x_groq": {"id": "req_1", "usage": {"queue_time": 0.01, "prompt_tokens": 18, "completion_tokens": 9, "total_tokens": 27}}}
                """,
            format: .openAIChat, meters: ["input_tokens": 18, "output_tokens": 9],
            kept: #"{"queue_time": 0.01, "prompt_tokens": 18, "completion_tokens": 9, "total_tokens": 27}"#),
        RawUsage(
            name: "Mistral",
            json: """
                {"completion_tokens": 7, "prompt_audio_seconds": 0, "num_cached_tokens": 0, "prompt_tokens": 13,
                 "prompt_tokens_details": {"cached_tokens": 0}, "total_tokens": 20, "service_tier": "priority"}
                """,
            format: .openAIChat, meters: ["input_tokens": 13, "output_tokens": 7], tier: .priority),
        // Plain input: 150 - 128 = 22.
        RawUsage(
            name: "Mistral with a cache",
            json:
                #"{"prompt_tokens": 150, "completion_tokens": 40, "total_tokens": 190, "num_cached_tokens": 128}"#,
            format: .openAIChat, meters: ["input_tokens": 22, "cache_read_tokens": 128, "output_tokens": 40]),
        RawUsage(
            name: "embeddings of Mistral's",
            json: #"{"prompt_tokens": 15, "completion_tokens": 0, "total_tokens": 15, "prompt_audio_seconds": null}"#,
            format: .openAIChat, meters: ["input_tokens": 15]),
        // The prompt excludes what the search found: 188 + 55 + 7112 = 7355.
        RawUsage(
            name: "an agent of Mistral's that searched",
            json: """
                {"prompt_tokens": 188, "completion_tokens": 55, "total_tokens": 7355, "connector_tokens": 7112,
                 "connectors": {"web_search": 1}}
                """,
            format: .openAIChat, meters: ["input_tokens": 7300, "output_tokens": 55, "web_searches": 1]),
        // Total: 95 + 209 + 95 = 399.
        RawUsage(
            name: "an agent of Mistral's that ran code and made an image",
            json: """
                {"prompt_tokens": 95, "completion_tokens": 209, "total_tokens": 399, "connector_tokens": 95,
                 "connectors": {"code_interpreter": 1, "image_generation": 2}}
                """,
            format: .openAIChat,
            meters: ["input_tokens": 190, "output_tokens": 209, "code_executions": 1, "images": 2]),
        RawUsage(
            name: "an agent of Mistral's that used nothing",
            json: """
                {"prompt_tokens": 91, "completion_tokens": 29, "total_tokens": 120, "connector_tokens": null, "connectors": null}
                """,
            format: .openAIChat, meters: ["input_tokens": 91, "output_tokens": 29]),
        // The prompt excludes the audio, which is charged by its seconds: 3 + 41 + 375 = 419.
        RawUsage(
            name: "a transcription of Mistral's",
            json: """
                {"prompt_audio_seconds": 12, "prompt_tokens": 3, "total_tokens": 419, "completion_tokens": 41,
                 "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 375}, "service_tier": "standard"}
                """,
            format: .openAIChat, meters: ["input_tokens": 3, "output_tokens": 41, "audio_input_seconds": 12],
            tier: .standard),
        RawUsage(
            name: "pages read by Mistral",
            json:
                #"{"pages": [{"index": 0, "markdown": "private"}], "usage_info": {"pages_processed": 29, "doc_size_bytes": null}}"#,
            format: .openAIChat, meters: ["pages": 29], kept: #"{"pages_processed": 29, "doc_size_bytes": null}"#),
        // Plain input: 90 - 64 = 26. Source: `Usage` of platform.moonshot.ai (chat).
        RawUsage(
            name: "Moonshot with its cache beside the prompt",
            json: #"{"prompt_tokens": 90, "completion_tokens": 5, "total_tokens": 95, "cached_tokens": 64}"#,
            format: .openAIChat, meters: ["input_tokens": 26, "cache_read_tokens": 64, "output_tokens": 5]),
        // Plain input: 3000 - 2000 - 800 = 200. 300 of the 800 written tokens are kept for five minutes. Source:
        // `Usage` of litellm 1.109.
        RawUsage(
            name: "LiteLLM for Anthropic",
            json: """
                {"prompt_tokens": 3000, "completion_tokens": 100, "total_tokens": 3100, "cache_creation_input_tokens": 800,
                 "cache_read_input_tokens": 2000, "prompt_tokens_details": {"cached_tokens": 2000,
                   "cache_creation_tokens": 800, "cache_creation_token_details": {"ephemeral_5m_input_tokens": 300,
                   "ephemeral_1h_input_tokens": 500}}, "server_tool_use": {"web_search_requests": 1}}
                """,
            format: .openAIChat,
            meters: [
                "input_tokens": 200, "cache_read_tokens": 2000, "cache_write_tokens": 300, "cache_write_1h_tokens": 500,
                "output_tokens": 100, "web_searches": 1,
            ]),
    ]
}
