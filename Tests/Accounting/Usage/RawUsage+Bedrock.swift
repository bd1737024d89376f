@testable import Accounting

/// `inputTokens` excludes the cache. Sources: `TokenUsage` and `ConverseStreamMetadataEvent` of the Bedrock runtime
/// model in botocore 1.44; docs.aws.amazon.com (Amazon Nova, InvokeModelWithResponseStream).
extension RawUsage {
    static let bedrock: [RawUsage] = [
        RawUsage(
            name: "Converse", json: #"{"inputTokens": 30, "outputTokens": 628, "totalTokens": 658}"#, format: .bedrock,
            meters: ["input_tokens": 30, "output_tokens": 628]),
        // Input: 4 + 1280 + 300 = 1584. Output: 55. Total: 1639.
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
        // Input: 7 plain tokens + 500 from the cache.
        RawUsage(
            name: "the last event of a stream of Converse",
            json: """
                {"metadata": {"usage": {"inputTokens": 7, "outputTokens": 5, "totalTokens": 512, "cacheReadInputTokens": 500}, "metrics": {"latencyMs": 1250}, "serviceTier": {"type": "priority"}}}
                """,
            format: .bedrock, meters: ["input_tokens": 7, "cache_read_tokens": 500, "output_tokens": 5],
            tier: .priority,
            kept: #"{"inputTokens": 7, "outputTokens": 5, "totalTokens": 512, "cacheReadInputTokens": 500}"#),
        // Both spellings state the same count: 3 + 1789 + 401 = 2193.
        RawUsage(
            name: "Bedrock that tells its cache in both spellings",
            json: """
                {"cacheReadInputTokenCount": 0, "cacheReadInputTokens": 0, "cacheWriteInputTokenCount": 1789,
                 "cacheWriteInputTokens": 1789, "inputTokens": 3, "outputTokens": 401, "serverToolUsage": {}, "totalTokens": 2193}
                """,
            format: .bedrock, meters: ["input_tokens": 3, "cache_write_tokens": 1789, "output_tokens": 401]),
        RawUsage(
            name: "Nova with InvokeModel",
            json: """
                {"inputTokens": 127, "outputTokens": 267, "totalTokens": 394, "cacheReadInputTokenCount": 64,
                 "cacheWriteInputTokenCount": 0}
                """,
            format: .bedrock, meters: ["input_tokens": 127, "cache_read_tokens": 64, "output_tokens": 267]),
        RawUsage(
            name: "the metrics at the end of a stream of InvokeModel",
            json: """
                {"type": "message_stop", "amazon-bedrock-invocationMetrics": {"inputTokenCount": 2, "outputTokenCount": 31, "invocationLatency": 231, "firstByteLatency": 64, "cacheReadInputTokenCount": 9, "cacheWriteInputTokenCount": 0}}
                """,
            format: .bedrock, meters: ["input_tokens": 2, "cache_read_tokens": 9, "output_tokens": 31],
            kept:
                #"{"inputTokenCount": 2, "outputTokenCount": 31, "invocationLatency": 231, "firstByteLatency": 64, "cacheReadInputTokenCount": 9, "cacheWriteInputTokenCount": 0}"#
        ),
        // The details state 250 tokens written for an hour, the sum states 200. The larger number counts, and the
        // difference is reported as residual.
        RawUsage(
            name: "Converse that wrote more for an hour than it wrote",
            json: """
                {"inputTokens": 4, "outputTokens": 5, "totalTokens": 9, "cacheWriteInputTokens": 200,
                 "cacheDetails": [{"ttl": "1h", "inputTokens": 250}]}
                """,
            format: .bedrock, meters: ["input_tokens": 4, "cache_write_1h_tokens": 250, "output_tokens": 5],
            residual: -50),
    ]
}
