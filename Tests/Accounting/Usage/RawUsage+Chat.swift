@testable import Accounting

/// OpenAI's shape and its relatives: `prompt_tokens` includes cached and audio, `completion_tokens` reasoning.
extension RawUsage {
    static let openAI: [RawUsage] = [
        // 2006 - 1920 = 86 plain in; 300 - 64 = 236 plain out.
        RawUsage(
            name: "chat with cache and reasoning",
            json: """
                {"prompt_tokens": 2006, "completion_tokens": 300, "total_tokens": 2306,
                 "prompt_tokens_details": {"cached_tokens": 1920, "audio_tokens": 0},
                 "completion_tokens_details": {"reasoning_tokens": 64, "audio_tokens": 0,
                   "accepted_prediction_tokens": 10, "rejected_prediction_tokens": 5}}
                """,
            format: .openAIChat,
            meters: ["input_tokens": 86, "cache_read_tokens": 1920, "output_tokens": 236, "reasoning_tokens": 64]),
        // 1000 - 128 - 500 = 372 plain in; 400 - 250 - 50 = 100 plain out.
        RawUsage(
            name: "chat with cache, audio and reasoning",
            json: """
                {"prompt_tokens": 1000, "completion_tokens": 400, "total_tokens": 1400,
                 "prompt_tokens_details": {"cached_tokens": 128, "audio_tokens": 500, "text_tokens": 500},
                 "completion_tokens_details": {"reasoning_tokens": 50, "audio_tokens": 250, "text_tokens": 100}}
                """,
            format: .openAIChat,
            meters: [
                "input_tokens": 372, "cache_read_tokens": 128, "audio_input_tokens": 500, "output_tokens": 100,
                "reasoning_tokens": 50, "audio_output_tokens": 250,
            ]),
        RawUsage(
            name: "chat without details", json: #"{"prompt_tokens": 19, "completion_tokens": 10, "total_tokens": 29}"#,
            format: .openAIChat, meters: ["input_tokens": 19, "output_tokens": 10]),
        RawUsage(
            name: "chat with null details",
            json: """
                {"prompt_tokens": 19, "completion_tokens": null, "total_tokens": 19, "prompt_tokens_details": null,
                 "completion_tokens_details": null}
                """,
            format: .openAIChat, meters: ["input_tokens": 19]),
        RawUsage(
            name: "embeddings", json: #"{"prompt_tokens": 8, "total_tokens": 8}"#, format: .openAIChat,
            meters: ["input_tokens": 8]),
        // Parts that overlap (cached audio) are kept and flagged: 80 + 60 is 40 more than 100.
        RawUsage(
            name: "chat whose cached and audio parts overlap",
            json: """
                {"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 105,
                 "prompt_tokens_details": {"cached_tokens": 80, "audio_tokens": 60}}
                """,
            format: .openAIChat, meters: ["cache_read_tokens": 80, "audio_input_tokens": 60, "output_tokens": 5],
            residual: -40),
        // The total says 7 more than prompt and completion, which nothing explains.
        RawUsage(
            name: "chat with a total of its own",
            json: #"{"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 22}"#,
            format: .openAIChat, meters: ["input_tokens": 10, "output_tokens": 5], residual: 7),
        RawUsage(
            name: "Azure with its empty details",
            json: """
                {"completion_tokens": 33, "prompt_tokens": 557, "total_tokens": 590,
                 "completion_tokens_details": {"accepted_prediction_tokens": 0, "audio_tokens": 0, "reasoning_tokens": 0,
                   "rejected_prediction_tokens": 0},
                 "prompt_tokens_details": {"audio_tokens": 0, "cached_tokens": 0}}
                """,
            format: .openAIChat, meters: ["input_tokens": 557, "output_tokens": 33]),
        // Hits 1024 + misses 476 = 1500 in; reasoning is inside the completion: 800 - 700 = 100.
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
        // 32 + 9 + 110 = 151: the reasoning stands beside the completion; 32 - 6 = 26 plain in.
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
        // 328 - 300 = 28; 52 - 20 = 32.
        RawUsage(
            name: "responses with cache and reasoning",
            json: """
                {"input_tokens": 328, "input_tokens_details": {"cached_tokens": 300}, "output_tokens": 52,
                 "output_tokens_details": {"reasoning_tokens": 20}, "total_tokens": 380}
                """,
            format: .openAIResponses,
            meters: ["input_tokens": 28, "cache_read_tokens": 300, "output_tokens": 32, "reasoning_tokens": 20]),
        RawUsage(
            name: "responses with only a total beside the wholes",
            json: #"{"input_tokens": 36, "output_tokens": 87, "total_tokens": 123}"#, format: .openAIResponses,
            meters: ["input_tokens": 36, "output_tokens": 87]),
        // 250 - 194 = 56.
        RawUsage(
            name: "images with an image in the prompt",
            json: """
                {"total_tokens": 4410, "input_tokens": 250, "output_tokens": 4160,
                 "input_tokens_details": {"text_tokens": 56, "image_tokens": 194}}
                """,
            format: .openAIResponses, meters: ["input_tokens": 56, "image_input_tokens": 194, "output_tokens": 4160]),
        RawUsage(
            name: "responses whose total disagrees",
            json: #"{"input_tokens": 36, "output_tokens": 87, "total_tokens": 120, "input_tokens_details": {}}"#,
            format: .openAIResponses, meters: ["input_tokens": 36, "output_tokens": 87], residual: -3),
    ]
}
