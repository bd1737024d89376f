@testable import Accounting

/// OpenRouter's credits are USD. Source: openrouter.ai/docs (usage accounting, bring your own key).
extension RawUsage {
    static let openRouter: [RawUsage] = [
        // Plain input: 194 - 100 = 94. Cost: 0.95 USD.
        RawUsage(
            name: "OpenRouter with its cost",
            json: """
                {"completion_tokens": 2, "completion_tokens_details": {"reasoning_tokens": 0}, "cost": 0.95,
                 "cost_details": {"upstream_inference_cost": 19}, "prompt_tokens": 194,
                 "prompt_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 100, "audio_tokens": 0}, "total_tokens": 196}
                """,
            format: .openAIChat, meters: ["input_tokens": 94, "cache_write_tokens": 100, "output_tokens": 2],
            costNanodollars: 950_000_000),
        // Plain output: 179 - 128 = 51. 5e-06 USD are 5,000 nanodollars.
        RawUsage(
            name: "OpenRouter with reasoning and a cost with an exponent",
            json: """
                {"prompt_tokens": 20, "completion_tokens": 179, "total_tokens": 199, "cost": 5e-06, "is_byok": false,
                 "prompt_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0, "audio_tokens": 0, "video_tokens": 0},
                 "cost_details": {"upstream_inference_cost": 0.000005},
                 "completion_tokens_details": {"reasoning_tokens": 128, "image_tokens": 0, "audio_tokens": null}}
                """,
            format: .openAIChat, meters: ["input_tokens": 20, "output_tokens": 51, "reasoning_tokens": 128],
            costNanodollars: 5000),
        // 0.0000000125 USD are 12.5 nanodollars, which round to the even 12.
        RawUsage(
            name: "OpenRouter with a cost finer than a nanodollar",
            json: #"{"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2, "cost": 1.25e-8}"#,
            format: .openAIChat, meters: ["input_tokens": 1, "output_tokens": 1], costNanodollars: 12),
        // The cost is OpenRouter's fee of 0.00005 USD plus the 0.001 USD that the provider charged.
        RawUsage(
            name: "OpenRouter with a key of one's own",
            json: """
                {"prompt_tokens": 10, "completion_tokens": 1, "total_tokens": 11, "is_byok": true, "cost": 0.00005,
                 "cost_details": {"upstream_inference_cost": 0.001}}
                """,
            format: .openAIChat, meters: ["input_tokens": 10, "output_tokens": 1], costNanodollars: 1_050_000),
        RawUsage(
            name: "OpenRouter with a key of one's own and only its fee known",
            json: """
                {"prompt_tokens": 10, "completion_tokens": 1, "total_tokens": 11, "is_byok": true, "cost": 0.00005,
                 "cost_details": {"upstream_inference_cost": null}}
                """,
            format: .openAIChat, meters: ["input_tokens": 10, "output_tokens": 1]),
        RawUsage(
            name: "OpenRouter for free",
            json: #"{"prompt_tokens": 10, "completion_tokens": 1, "total_tokens": 11, "cost": 0, "is_byok": false}"#,
            format: .openAIChat, meters: ["input_tokens": 10, "output_tokens": 1], costNanodollars: 0),
        // Plain output: 1302 - 1290 = 12. Plain input: 600 - 500 = 100.
        RawUsage(
            name: "OpenRouter with a video in and an image out",
            json: """
                {"prompt_tokens": 600, "completion_tokens": 1302, "total_tokens": 1902, "cost": 0.0387,
                 "prompt_tokens_details": {"video_tokens": 500}, "completion_tokens_details": {"image_tokens": 1290}}
                """,
            format: .openAIChat,
            meters: [
                "input_tokens": 100, "video_input_tokens": 500, "output_tokens": 12, "image_output_tokens": 1290,
            ], costNanodollars: 38_700_000),
        // Anthropic's own fields, with OpenRouter's fields beside them.
        RawUsage(
            name: "OpenRouter in the words of Anthropic",
            json: """
                {"input_tokens": 100, "output_tokens": 50, "cache_creation_input_tokens": null, "cache_read_input_tokens": 30,
                 "cost": 0.00105, "is_byok": false, "cost_details": {"upstream_inference_cost": 0.00105}}
                """,
            format: .anthropic, meters: ["input_tokens": 100, "cache_read_tokens": 30, "output_tokens": 50],
            costNanodollars: 1_050_000),
        // Source: `usage.cost.total_cost` of docs.perplexity.ai (chat completions).
        RawUsage(
            name: "Perplexity with the parts of its cost",
            json: """
                {"prompt_tokens": 14, "completion_tokens": 1, "total_tokens": 15, "search_context_size": "low",
                 "cost": {"input_tokens_cost": 0.000014, "output_tokens_cost": 0.000001, "request_cost": 0.005, "total_cost": 0.005015}}
                """,
            format: .openAIChat, meters: ["input_tokens": 14, "output_tokens": 1, "web_searches_low": 1],
            costNanodollars: 5_015_000),
    ]
}
