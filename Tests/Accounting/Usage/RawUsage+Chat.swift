@testable import Accounting

/// OpenAI's chat completions and embeddings; Azure's are the same. `prompt_tokens` includes cached and audio tokens,
/// `completion_tokens` includes reasoning and predictions. Sources: `CompletionUsage` and `CreateEmbeddingResponse` of
/// openai-python 3.54.
extension RawUsage {
    static let chat: [RawUsage] = [
        // Plain input: 2006 - 1920 = 86. Plain output: 300 - 64 = 236.
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
        // Plain input: 1000 - 128 - 500 = 372. Plain output: 400 - 250 - 50 = 100.
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
        // 80 + 60 is 40 more than 100: so much of the audio was cached, and is among the cached tokens.
        RawUsage(
            name: "chat whose cached and audio parts overlap",
            json: """
                {"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 105,
                 "prompt_tokens_details": {"cached_tokens": 80, "audio_tokens": 60}}
                """,
            format: .openAIChat,
            meters: [
                "cache_read_tokens": 40, "cache_read_audio_tokens": 40, "audio_input_tokens": 20, "output_tokens": 5,
            ],
            residual: -40),
        // The total is 7 more than prompt and completion, and nothing explains the difference.
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
        // The completion includes predictions, accepted or rejected.
        RawUsage(
            name: "chat with predictions",
            json: """
                {"prompt_tokens": 2000, "completion_tokens": 500, "total_tokens": 2500,
                 "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 300,
                   "rejected_prediction_tokens": 120}}
                """,
            format: .openAIChat, meters: ["input_tokens": 2000, "output_tokens": 500]),
        // Plain input: 5000 - 1024 - 3000 = 976.
        RawUsage(
            name: "chat with cache writes",
            json: """
                {"prompt_tokens": 5000, "completion_tokens": 20, "total_tokens": 5020,
                 "prompt_tokens_details": {"cached_tokens": 1024, "cache_write_tokens": 3000, "audio_tokens": 0}}
                """,
            format: .openAIChat,
            meters: ["input_tokens": 976, "cache_read_tokens": 1024, "cache_write_tokens": 3000, "output_tokens": 20]),
        // 150 audio and 50 text tokens are cached. Uncached audio: 300 - 150 = 150. Plain input: 400 - 200 - 150 = 50.
        // Plain output: 120 - 90 = 30.
        RawUsage(
            name: "chat with cached audio told apart",
            json: """
                {"prompt_tokens": 400, "completion_tokens": 120, "total_tokens": 520,
                 "prompt_tokens_details": {"audio_tokens": 300, "text_tokens": 100, "cached_tokens": 200,
                   "cached_tokens_details": {"audio_tokens": 150, "text_tokens": 50}},
                 "completion_tokens_details": {"audio_tokens": 90, "text_tokens": 30}}
                """,
            format: .openAIChat,
            meters: [
                "input_tokens": 50, "cache_read_tokens": 50, "cache_read_audio_tokens": 150, "audio_input_tokens": 150,
                "output_tokens": 30, "audio_output_tokens": 90,
            ]),
        // Plain input: 1185 - 1100 = 85.
        RawUsage(
            name: "chat with an image in the prompt",
            json: """
                {"prompt_tokens": 1185, "completion_tokens": 20, "total_tokens": 1205,
                 "prompt_tokens_details": {"text_tokens": 85, "image_tokens": 1100, "audio_tokens": 0, "cached_tokens": 0}}
                """,
            format: .openAIChat, meters: ["input_tokens": 85, "image_input_tokens": 1100, "output_tokens": 20]),
        RawUsage(
            name: "the last chunk of a streamed chat",
            json: """
                {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "gpt-4o", "service_tier": "default",
                 "choices": [], "usage": {"prompt_tokens": 19, "completion_tokens": 10, "total_tokens": 29,
                   "prompt_tokens_details": null, "completion_tokens_details": null}}
                """,
            format: .openAIChat, meters: ["input_tokens": 19, "output_tokens": 10], tier: .standard,
            kept: """
                {"prompt_tokens": 19, "completion_tokens": 10, "total_tokens": 29,
                   "prompt_tokens_details": null, "completion_tokens_details": null}
                """),
        RawUsage(
            name: "Azure's whole answer, of which only the usage is kept",
            json: """
                {"choices": [{"message": {"role": "assistant", "content": "private"}, "content_filter_results": {}}],
                 "prompt_filter_results": [], "usage": {"completion_tokens": 7, "prompt_tokens": 15, "total_tokens": 22}}
                """,
            format: .openAIChat, meters: ["input_tokens": 15, "output_tokens": 7],
            kept: #"{"completion_tokens": 7, "prompt_tokens": 15, "total_tokens": 22}"#),
        // Plain input: 22 - 4 = 18.
        RawUsage(
            name: "a line of a batch",
            json: """
                {"id": "batch_req_1", "custom_id": "request-2", "error": null, "response": {"status_code": 200,
                 "request_id": "req_1", "body": {"object": "chat.completion", "choices": [], "usage":
                 {"prompt_tokens": 22, "completion_tokens": 2, "total_tokens": 24, "prompt_tokens_details": {"cached_tokens": 4}}}}}
                """,
            format: .openAIChat, meters: ["input_tokens": 18, "cache_read_tokens": 4, "output_tokens": 2],
            kept:
                #"{"prompt_tokens": 22, "completion_tokens": 2, "total_tokens": 24, "prompt_tokens_details": {"cached_tokens": 4}}"#
        ),
    ]
}
