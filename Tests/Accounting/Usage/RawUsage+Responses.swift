@testable import Accounting

/// OpenAI's responses and images, and those of xAI. Sources: `ResponseUsage`, `Response.tool_usage` and
/// `ImagesResponse.usage` of openai-python 3.54; docs.x.ai (cost tracking).
extension RawUsage {
    static let responses: [RawUsage] = [
        // Plain input: 328 - 300 = 28. Plain output: 52 - 20 = 32.
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
        // Plain input: 250 - 194 = 56.
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
        // Plain input: 10000 - 4000 - 5000 = 1000. Plain output: 100 - 40 = 60.
        RawUsage(
            name: "responses with writes that are kept for long",
            json: """
                {"input_tokens": 10000, "input_tokens_details": {"cached_tokens": 4000, "cache_write_tokens": 5000,
                   "cache_write_tokens_details": {"ttl_30m_tokens": 3000, "ttl_12h_tokens": 2000}},
                 "output_tokens": 100, "output_tokens_details": {"reasoning_tokens": 40}, "total_tokens": 10100}
                """,
            format: .openAIResponses,
            meters: [
                "input_tokens": 1000, "cache_read_tokens": 4000, "cache_write_tokens": 3000,
                "cache_write_12h_tokens": 2000, "output_tokens": 60, "reasoning_tokens": 40,
            ]),
        // An event of a stream. It states two searches beside the model's usage.
        RawUsage(
            name: "a streamed response that searched",
            json: """
                {"type": "response.completed", "response": {"id": "resp_1", "metadata": {}, "output": [{"text": "private"}],
                 "usage": {"input_tokens": 37, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 11, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 48},
                 "tool_usage": {"web_search": {"num_requests": 2}, "image_gen": {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}}}}
                """,
            format: .openAIResponses, meters: ["input_tokens": 37, "output_tokens": 11, "web_searches": 2],
            kept:
                #"{"usage": {"input_tokens": 37, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 11, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 48}, "tool_usage": {"web_search": {"num_requests": 2}, "image_gen": {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}}}"#
        ),
        // Another model made the image. Its 1600 tokens are reported as residual, not priced as this model's.
        RawUsage(
            name: "a response that had an image made",
            json:
                #"{"usage": {"input_tokens": 37, "output_tokens": 11, "total_tokens": 48}, "tool_usage": {"image_gen": {"total_tokens": 1600}}}"#,
            format: .openAIResponses, meters: ["input_tokens": 37, "output_tokens": 11], residual: 1600,
            kept:
                #"{"usage": {"input_tokens": 37, "output_tokens": 11, "total_tokens": 48}, "tool_usage": {"image_gen": {"total_tokens": 1600}}}"#
        ),
        // Plain input: 50 - 40 = 10. Plain output: 1550 - 1500 = 50.
        RawUsage(
            name: "images with the parts of both",
            json: """
                {"total_tokens": 1600, "input_tokens": 50, "output_tokens": 1550,
                 "input_tokens_details": {"text_tokens": 10, "image_tokens": 40},
                 "output_tokens_details": {"image_tokens": 1500, "text_tokens": 50}}
                """,
            format: .openAIResponses,
            meters: [
                "input_tokens": 10, "image_input_tokens": 40, "output_tokens": 50, "image_output_tokens": 1500,
            ]),
        // Plain input: 9212 - 3072 = 6140. The cost is 318,319,000 ticks of 1e-10 USD.
        RawUsage(
            name: "a response of xAI's that searched X",
            json: """
                {"input_tokens": 9212, "input_tokens_details": {"cached_tokens": 3072}, "output_tokens": 3417,
                 "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 12629, "num_sources_used": 0,
                 "num_server_side_tools_used": 3, "cost_in_usd_ticks": 318319000,
                 "server_side_tool_usage_details": {"web_search_calls": 0, "x_search_calls": 3, "code_interpreter_calls": 0,
                   "file_search_calls": 0, "mcp_calls": 2, "document_search_calls": 0}}
                """,
            format: .openAIResponses,
            meters: ["input_tokens": 6140, "cache_read_tokens": 3072, "output_tokens": 3417, "x_searches": 3],
            costNanodollars: 31_831_900),
        // As in chat, the output excludes the reasoning: 32 + 9 + 110 = 151. Plain input: 32 - 6 = 26.
        RawUsage(
            name: "a response of xAI's with reasoning outside the output",
            json: """
                {"input_tokens": 32, "input_tokens_details": {"cached_tokens": 6}, "output_tokens": 9,
                 "output_tokens_details": {"reasoning_tokens": 110}, "total_tokens": 151,
                 "server_side_tool_usage_details": {"web_search_calls": 2, "code_interpreter_calls": 1, "file_search_calls": 4,
                   "document_search_calls": 5}}
                """,
            format: .openAIResponses,
            meters: [
                "input_tokens": 26, "cache_read_tokens": 6, "output_tokens": 9, "reasoning_tokens": 110,
                "web_searches": 2, "code_executions": 1, "file_searches": 4, "document_searches": 5,
            ]),
    ]
}
