@testable import Accounting

/// `input_tokens` excludes cache reads and writes; `output_tokens` includes thinking. Sources: `Usage`,
/// `MessageDeltaUsage` and `BetaIterationsUsage` of anthropic-sdk-python 2.12; platform.claude.com/docs (streaming,
/// compaction, advisor tool).
extension RawUsage {
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
            ], tier: .standard),
        RawUsage(
            name: "Anthropic in fast mode, processed in the US",
            json: """
                {"input_tokens": 1500, "output_tokens": 300, "service_tier": "standard", "speed": "fast",
                 "inference_geo": "us"}
                """,
            format: .anthropic, meters: ["input_tokens": 1500, "output_tokens": 300], tier: .fast, region: "us"),
        RawUsage(
            name: "Anthropic at its usual speed, somewhere",
            json: """
                {"input_tokens": 1500, "output_tokens": 300, "service_tier": "priority", "speed": "standard",
                 "inference_geo": "not_available"}
                """,
            format: .anthropic, meters: ["input_tokens": 1500, "output_tokens": 300], tier: .priority),
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
        // The sum is 300, but its parts add up to 250. The 50 unexplained tokens are billed as 5-minute writes and
        // reported as residual.
        RawUsage(
            name: "Anthropic whose writes do not add up",
            json: """
                {"input_tokens": 10, "cache_creation_input_tokens": 300, "output_tokens": 1,
                 "cache_creation": {"ephemeral_5m_input_tokens": 150, "ephemeral_1h_input_tokens": 100}}
                """,
            format: .anthropic,
            meters: ["input_tokens": 10, "cache_write_tokens": 200, "cache_write_1h_tokens": 100, "output_tokens": 1],
            residual: 50),
        // Plain output: 1500 - 1200 = 300.
        RawUsage(
            name: "Anthropic with thinking",
            json: """
                {"input_tokens": 25, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "inference_geo": "global",
                 "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}, "output_tokens": 1500,
                 "output_tokens_details": {"thinking_tokens": 1200}, "service_tier": "batch"}
                """,
            format: .anthropic, meters: ["input_tokens": 25, "output_tokens": 300, "reasoning_tokens": 1200],
            tier: .batch, region: "global"),
        // `output_tokens_details` alone would point to OpenAI's format. Plain output: 15 - 9 = 6.
        RawUsage(
            name: "Anthropic with thinking and no cache",
            json: #"{"input_tokens": 25, "output_tokens": 15, "output_tokens_details": {"thinking_tokens": 9}}"#,
            format: .anthropic, meters: ["input_tokens": 25, "output_tokens": 6, "reasoning_tokens": 9]),
        // Read in OpenAI's format, this object would lose its cache reads.
        RawUsage(
            name: "Anthropic with thinking and reads",
            json: """
                {"input_tokens": 5, "cache_read_input_tokens": 90, "output_tokens": 15,
                 "output_tokens_details": {"thinking_tokens": 9}}
                """,
            format: .anthropic,
            meters: ["input_tokens": 5, "cache_read_tokens": 90, "output_tokens": 6, "reasoning_tokens": 9]),
        RawUsage(
            name: "Anthropic that says only its tier",
            json: #"{"input_tokens": 10, "output_tokens": 25, "service_tier": "priority"}"#, format: .anthropic,
            meters: ["input_tokens": 10, "output_tokens": 25], tier: .priority),
        RawUsage(
            name: "the whole message of Anthropic's, of which only the usage is kept",
            json: """
                {"id": "msg_1", "type": "message", "role": "assistant", "content": [{"type": "text", "text": "private"}],
                 "model": "claude-haiku-4-5", "usage": {"input_tokens": 10, "cache_read_input_tokens": 4, "output_tokens": 25}}
                """,
            format: .anthropic, meters: ["input_tokens": 10, "cache_read_tokens": 4, "output_tokens": 25],
            kept: #"{"input_tokens": 10, "cache_read_input_tokens": 4, "output_tokens": 25}"#),
        RawUsage(
            name: "a line of a batch of Anthropic's",
            json: """
                {"custom_id": "r-1", "result": {"type": "succeeded", "message": {"id": "msg_1", "content": [], "usage":
                {"input_tokens": 11, "output_tokens": 36, "service_tier": "batch"}}}}
                """,
            format: .anthropic, meters: ["input_tokens": 11, "output_tokens": 36], tier: .batch,
            kept: #"{"input_tokens": 11, "output_tokens": 36, "service_tier": "batch"}"#),
        // The counts are cumulative: the input includes what the search found.
        RawUsage(
            name: "the last event of a stream of Anthropic's",
            json: """
                {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"input_tokens": 10682, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 510, "server_tool_use": {"web_search_requests": 1}}}
                """,
            format: .anthropic, meters: ["input_tokens": 10682, "output_tokens": 510, "web_searches": 1],
            kept:
                #"{"input_tokens": 10682, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 510, "server_tool_use": {"web_search_requests": 1}}"#
        ),
        // The last event says how many tokens were written to the cache, the first event for how long:
        // 400 + 600 = 1000.
        RawUsage(
            name: "both usages of a stream of Anthropic's",
            json: """
                {"message_start": {"input_tokens": 2679, "cache_creation_input_tokens": 1000, "cache_read_input_tokens": 0,
                   "cache_creation": {"ephemeral_5m_input_tokens": 400, "ephemeral_1h_input_tokens": 600}, "output_tokens": 3,
                   "service_tier": "standard"},
                 "message_delta": {"input_tokens": 10682, "cache_creation_input_tokens": 1000, "cache_read_input_tokens": 0,
                   "output_tokens": 510, "server_tool_use": {"web_search_requests": 1}}}
                """,
            format: .anthropic,
            meters: [
                "input_tokens": 10682, "cache_write_tokens": 400, "cache_write_1h_tokens": 600, "output_tokens": 510,
                "web_searches": 1,
            ], tier: .standard),
        // In older streams, the last event states the output alone.
        RawUsage(
            name: "both events of an old stream of Anthropic's",
            json: """
                {"message_start": {"type": "message_start", "message": {"id": "msg_1", "content": [],
                   "usage": {"input_tokens": 25, "cache_read_input_tokens": 7, "output_tokens": 1}}},
                 "message_delta": {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 15}}}
                """,
            format: .anthropic, meters: ["input_tokens": 25, "cache_read_tokens": 7, "output_tokens": 15]),
        // The totals exclude the compaction. Input: 23000 + 180000. Output: 1000 + 3500.
        RawUsage(
            name: "Anthropic that compacted the conversation",
            json: """
                {"input_tokens": 23000, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 1000,
                 "iterations": [
                   {"type": "compaction", "input_tokens": 180000, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 3500},
                   {"type": "message", "input_tokens": 23000, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 1000}]}
                """,
            format: .anthropic, meters: ["input_tokens": 203_000, "output_tokens": 4500]),
        // The advisor is another model. Its 823 + 1612 = 2435 tokens are reported as residual, not priced as this
        // model's.
        RawUsage(
            name: "Anthropic that took another model's advice",
            json: """
                {"input_tokens": 412, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 531,
                 "iterations": [{"type": "message", "input_tokens": 412, "output_tokens": 531},
                   {"type": "advisor_message", "model": "claude-opus-4-6", "input_tokens": 823, "cache_creation_input_tokens": 0,
                    "cache_read_input_tokens": 0, "output_tokens": 1612}]}
                """,
            format: .anthropic, meters: ["input_tokens": 412, "output_tokens": 531], residual: 2435),
    ]
}
