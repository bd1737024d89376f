@testable import Accounting

/// `promptTokenCount` includes the cached content; thoughts and the tool-use prompt come in addition. Sources:
/// `GenerateContentResponseUsageMetadata` and `UsageMetadata` of google-genai 3.4; ai.google.dev (UsageMetadata).
extension RawUsage {
    static let gemini: [RawUsage] = [
        // Plain input: 1000 - 264 = 736. Output: 20 + 300.
        RawUsage(
            name: "Gemini with cache and thoughts",
            json: """
                {"promptTokenCount": 1000, "cachedContentTokenCount": 264, "candidatesTokenCount": 20,
                 "thoughtsTokenCount": 300, "totalTokenCount": 1320,
                 "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 1000}], "trafficType": "ON_DEMAND"}
                """,
            format: .gemini,
            meters: ["input_tokens": 736, "cache_read_tokens": 264, "output_tokens": 20, "reasoning_tokens": 300],
            tier: .standard),
        // Input: 50 + 400. Output: 7 + 30. Total: 487.
        RawUsage(
            name: "Gemini with a tool-use prompt",
            json: """
                {"promptTokenCount": 50, "toolUsePromptTokenCount": 400, "candidatesTokenCount": 7, "thoughtsTokenCount": 30,
                 "totalTokenCount": 487, "toolUsePromptTokensDetails": [{"modality": "TEXT", "tokenCount": 400}]}
                """,
            format: .gemini, meters: ["input_tokens": 450, "output_tokens": 7, "reasoning_tokens": 30]),
        // 100 audio and 200 text tokens are cached, 300 in all. Uncached audio: 600 - 100 = 500.
        // Plain input: 1100 - 300 - 500 - 258 = 42.
        RawUsage(
            name: "Gemini with modalities, some of them cached",
            json: """
                {"promptTokenCount": 1100, "cachedContentTokenCount": 300, "candidatesTokenCount": 90, "totalTokenCount": 1190,
                 "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 242}, {"modality": "AUDIO", "tokenCount": 600},
                   {"modality": "IMAGE", "tokenCount": 258}],
                 "cacheTokensDetails": [{"modality": "TEXT", "tokenCount": 200}, {"modality": "AUDIO", "tokenCount": 100}],
                 "candidatesTokensDetails": [{"modality": "AUDIO", "tokenCount": 80}, {"modality": "TEXT", "tokenCount": 10}]}
                """,
            format: .gemini,
            meters: [
                "input_tokens": 42, "cache_read_tokens": 200, "cache_read_audio_tokens": 100, "audio_input_tokens": 500,
                "image_input_tokens": 258, "output_tokens": 10, "audio_output_tokens": 80,
            ]),
        RawUsage(
            name: "Gemini that answered nothing", json: #"{"promptTokenCount": 8, "totalTokenCount": 8}"#,
            format: .gemini,
            meters: ["input_tokens": 8]),
        RawUsage(
            name: "Gemini whose total disagrees",
            json:
                #"{"promptTokenCount": 8, "candidatesTokenCount": 2, "totalTokenCount": 30, "promptTokensDetails": null}"#,
            format: .gemini, meters: ["input_tokens": 8, "output_tokens": 2], residual: 20),
        // Plain output: 1300 - 1290 = 10.
        RawUsage(
            name: "Gemini that made an image",
            json: """
                {"promptTokenCount": 12, "candidatesTokenCount": 1300, "totalTokenCount": 1312,
                 "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 12}],
                 "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1290}]}
                """,
            format: .gemini, meters: ["input_tokens": 12, "output_tokens": 10, "image_output_tokens": 1290]),
        // Uncached video: 2000 - 500 = 1500. Its sound: 200. The document is part of the plain input:
        // 2700 - 600 - 1500 - 200 = 400.
        RawUsage(
            name: "Gemini with a film, partly cached, and a document",
            json: """
                {"promptTokenCount": 2700, "cachedContentTokenCount": 600, "candidatesTokenCount": 30, "totalTokenCount": 2730,
                 "promptTokensDetails": [{"modality": "VIDEO", "tokenCount": 2000}, {"modality": "AUDIO", "tokenCount": 200},
                   {"modality": "DOCUMENT", "tokenCount": 258}, {"modality": "TEXT", "tokenCount": 242}],
                 "cacheTokensDetails": [{"modality": "VIDEO", "tokenCount": 500}, {"modality": "TEXT", "tokenCount": 100}]}
                """,
            format: .gemini,
            meters: [
                "input_tokens": 400, "cache_read_tokens": 600, "audio_input_tokens": 200, "video_input_tokens": 1500,
                "output_tokens": 30,
            ]),
        // Uncached image: 516 - 258 = 258. Cached text: 300 - 258 = 42. Plain input: 600 - 300 - 258 = 42.
        RawUsage(
            name: "Gemini with an image in the cache",
            json: """
                {"promptTokenCount": 600, "cachedContentTokenCount": 300, "candidatesTokenCount": 3, "totalTokenCount": 603,
                 "promptTokensDetails": [{"modality": "IMAGE", "tokenCount": 516}, {"modality": "TEXT", "tokenCount": 84}],
                 "cacheTokensDetails": [{"modality": "IMAGE", "tokenCount": 258}, {"modality": "TEXT", "tokenCount": 42}]}
                """,
            format: .gemini,
            meters: [
                "input_tokens": 42, "cache_read_tokens": 42, "cache_read_image_tokens": 258,
                "image_input_tokens": 258, "output_tokens": 3,
            ]),
        // Tools gave back 900 tokens, 800 of them for an image. Plain input: 50 + 900 - 800 = 150.
        RawUsage(
            name: "Gemini whose tool gave back a picture",
            json: """
                {"promptTokenCount": 50, "toolUsePromptTokenCount": 900, "candidatesTokenCount": 7, "totalTokenCount": 957,
                 "toolUsePromptTokensDetails": [{"modality": "TEXT", "tokenCount": 100}, {"modality": "IMAGE", "tokenCount": 800}]}
                """,
            format: .gemini, meters: ["input_tokens": 150, "image_input_tokens": 800, "output_tokens": 7]),
        // Plain input: 45 - 40 = 5.
        RawUsage(
            name: "Gemini as the Python client tells it",
            json: """
                {"cache_tokens_details": null, "cached_content_token_count": 40, "candidates_token_count": 9,
                 "candidates_tokens_details": null, "prompt_token_count": 45,
                 "prompt_tokens_details": [{"modality": "TEXT", "token_count": 45}], "thoughts_token_count": 20,
                 "tool_use_prompt_token_count": null, "tool_use_prompt_tokens_details": null, "total_token_count": 74,
                 "traffic_type": null}
                """,
            format: .gemini,
            meters: ["input_tokens": 5, "cache_read_tokens": 40, "output_tokens": 9, "reasoning_tokens": 20]),
        // Plain input: 300 - 250 = 50. Plain output: 120 - 100 = 20.
        RawUsage(
            name: "Gemini's Live API",
            json: """
                {"usageMetadata": {"promptTokenCount": 300, "responseTokenCount": 120, "totalTokenCount": 420, "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 250}], "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": 100}]}}
                """,
            format: .gemini,
            meters: [
                "input_tokens": 50, "audio_input_tokens": 250, "output_tokens": 20, "audio_output_tokens": 100,
            ],
            kept:
                #"{"promptTokenCount": 300, "responseTokenCount": 120, "totalTokenCount": 420, "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 250}], "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": 100}]}"#
        ),
        // 10 audio and 50 text tokens are cached, 60 in all. Uncached audio: 35 - 10 = 25.
        // Plain input: 100 + 30 - 60 - 25 = 45.
        RawUsage(
            name: "Gemini's Interactions API",
            json: """
                {"total_input_tokens": 100, "total_cached_tokens": 60, "total_output_tokens": 8, "total_thought_tokens": 4,
                 "total_tool_use_tokens": 30, "total_tokens": 142, "input_tokens_by_modality": [{"modality": "text", "tokens": 65},
                   {"modality": "audio", "tokens": 35}], "cached_tokens_by_modality": [{"modality": "audio", "tokens": 10}],
                 "grounding_tool_count": [{"type": "google_search", "count": 2}, {"type": "google_maps", "count": 1},
                   {"type": "retrieval", "count": 5}]}
                """,
            format: .gemini,
            meters: [
                "input_tokens": 45, "cache_read_tokens": 50, "cache_read_audio_tokens": 10, "audio_input_tokens": 25,
                "output_tokens": 8, "reasoning_tokens": 4, "web_searches": 2, "map_searches": 1,
            ]),
        RawUsage(
            name: "the last chunk of a stream of Gemini's",
            json: """
                {"candidates": [{"content": {"parts": [{"text": "private"}]}, "finishReason": "STOP"}], "modelVersion": "gemini-2.5-flash",
                 "usageMetadata": {"promptTokenCount": 4, "candidatesTokenCount": 12, "totalTokenCount": 16}}
                """,
            format: .gemini, meters: ["input_tokens": 4, "output_tokens": 12],
            kept: #"{"promptTokenCount": 4, "candidatesTokenCount": 12, "totalTokenCount": 16}"#),
    ]

    /// The same format from Vertex AI, which also states the kind of traffic. Another source: `EmbedContentMetadata`.
    static let vertex: [RawUsage] = [
        RawUsage(
            name: "Vertex AI with priority",
            json: """
                {"promptTokenCount": 8, "candidatesTokenCount": 2, "totalTokenCount": 10, "trafficType": "ON_DEMAND_PRIORITY"}
                """,
            format: .gemini, meters: ["input_tokens": 8, "output_tokens": 2], tier: .priority),
        // The price book has no tier for throughput bought ahead.
        RawUsage(
            name: "Vertex AI with provisioned throughput",
            json: """
                {"prompt_token_count": 8, "candidates_token_count": 2, "total_token_count": 10, "traffic_type": "PROVISIONED_THROUGHPUT"}
                """,
            format: .gemini, meters: ["input_tokens": 8, "output_tokens": 2], told: [.unknownServiceTier]),
        RawUsage(
            name: "embeddings of Vertex AI's charged by characters",
            json: #"{"predictions": [], "metadata": {"billableCharacterCount": 1532}}"#, format: .gemini,
            meters: ["input_characters": 1532], kept: #"{"billableCharacterCount": 1532}"#),
    ]
}
