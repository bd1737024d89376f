@testable import Accounting

extension RawUsage {
    /// `input_tokens` excludes cache reads and writes.
    static let anthropic: [RawUsage] = [
        RawUsage(
            name: "Anthropic with reads and both kinds of writes",
            json: """
                {"input_tokens": 2048, "cache_read_input_tokens": 1800, "cache_creation_input_tokens": 248,
                 "output_tokens": 503, "cache_creation": {"ephemeral_5m_input_tokens": 148, "ephemeral_1h_input_tokens": 100},
                 "service_tier": "standard"}
                """,
            format: .anthropic,
            meters: [
                "input_tokens": 2048, "cache_read_tokens": 1800, "cache_write_tokens": 148,
                "cache_write_1h_tokens": 100,
                "output_tokens": 503,
            ]),
        RawUsage(
            name: "Anthropic with web searches",
            json: """
                {"input_tokens": 105, "output_tokens": 6039, "cache_read_input_tokens": 7123, "cache_creation_input_tokens": 7345,
                 "server_tool_use": {"web_search_requests": 3, "web_fetch_requests": 2}}
                """,
            format: .anthropic,
            meters: [
                "input_tokens": 105, "cache_read_tokens": 7123, "cache_write_tokens": 7345, "output_tokens": 6039,
                "web_searches": 3,
            ]),
        RawUsage(
            name: "old Anthropic with the sum of writes alone",
            json:
                #"{"input_tokens": 21, "cache_creation_input_tokens": 188086, "cache_read_input_tokens": 0, "output_tokens": 393}"#,
            format: .anthropic, meters: ["input_tokens": 21, "cache_write_tokens": 188_086, "output_tokens": 393]),
        RawUsage(
            name: "Anthropic with nulls",
            json: """
                {"input_tokens": 12, "output_tokens": 8, "cache_creation_input_tokens": null, "cache_read_input_tokens": null,
                 "cache_creation": null, "server_tool_use": null, "service_tier": null}
                """,
            format: .anthropic, meters: ["input_tokens": 12, "output_tokens": 8]),
        // The sum says 300, its parts 250: the 50 nobody explains are billed as 5-minute writes and flagged.
        RawUsage(
            name: "Anthropic whose writes do not add up",
            json: """
                {"input_tokens": 10, "cache_creation_input_tokens": 300, "output_tokens": 1,
                 "cache_creation": {"ephemeral_5m_input_tokens": 150, "ephemeral_1h_input_tokens": 100}}
                """,
            format: .anthropic,
            meters: ["input_tokens": 10, "cache_write_tokens": 200, "cache_write_1h_tokens": 100, "output_tokens": 1],
            residual: 50),
    ]

    /// `promptTokenCount` includes the cached content; thoughts and tool-use prompt come on top.
    static let gemini: [RawUsage] = [
        // 264 + 0 in; 1000 - 264 = 736; 20 + 300 out.
        RawUsage(
            name: "Gemini with cache and thoughts",
            json: """
                {"promptTokenCount": 1000, "cachedContentTokenCount": 264, "candidatesTokenCount": 20,
                 "thoughtsTokenCount": 300, "totalTokenCount": 1320,
                 "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 1000}], "trafficType": "ON_DEMAND"}
                """,
            format: .gemini,
            meters: ["input_tokens": 736, "cache_read_tokens": 264, "output_tokens": 20, "reasoning_tokens": 300]),
        // 50 + 400 in, 7 + 30 out, 487 in all.
        RawUsage(
            name: "Gemini with a tool-use prompt",
            json: """
                {"promptTokenCount": 50, "toolUsePromptTokenCount": 400, "candidatesTokenCount": 7, "thoughtsTokenCount": 30,
                 "totalTokenCount": 487, "toolUsePromptTokensDetails": [{"modality": "TEXT", "tokenCount": 400}]}
                """,
            format: .gemini, meters: ["input_tokens": 450, "output_tokens": 7, "reasoning_tokens": 30]),
        // Audio 600 of which 100 are cached, image 258: 1000 - 300 - 500 - 258 < 0 is avoided: 1100 in all.
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
                "input_tokens": 42, "cache_read_tokens": 300, "audio_input_tokens": 500, "image_input_tokens": 258,
                "output_tokens": 10, "audio_output_tokens": 80,
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
    ]

    /// `inputTokens` excludes the cache.
    static let bedrock: [RawUsage] = [
        RawUsage(
            name: "Converse", json: #"{"inputTokens": 30, "outputTokens": 628, "totalTokens": 658}"#, format: .bedrock,
            meters: ["input_tokens": 30, "output_tokens": 628]),
        // 4 + 1280 + 300 = 1584 in, 55 out, 1639 in all.
        RawUsage(
            name: "Converse with cache and its details",
            json: """
                {"inputTokens": 4, "outputTokens": 55, "totalTokens": 1639, "cacheReadInputTokens": 1280,
                 "cacheWriteInputTokens": 300,
                 "cacheDetails": [{"ttl": "1h", "inputTokens": 100}, {"ttl": "5m", "inputTokens": 200}]}
                """,
            format: .bedrock,
            meters: [
                "input_tokens": 4, "cache_read_tokens": 1280, "cache_write_tokens": 200, "cache_write_1h_tokens": 100,
                "output_tokens": 55,
            ]),
        RawUsage(
            name: "Converse whose total leaves the cache out",
            json: """
                {"inputTokens": 4, "outputTokens": 55, "totalTokens": 59, "cacheReadInputTokens": 1280,
                 "cacheWriteInputTokens": 0, "cacheDetails": []}
                """,
            format: .bedrock, meters: ["input_tokens": 4, "cache_read_tokens": 1280, "output_tokens": 55]),
        RawUsage(
            name: "Converse whose total disagrees",
            json: #"{"inputTokens": 4, "outputTokens": 55, "totalTokens": 60, "cacheReadInputTokens": 9}"#,
            format: .bedrock,
            meters: ["input_tokens": 4, "cache_read_tokens": 9, "output_tokens": 55], residual: -8),
    ]
}
