@testable import Accounting

/// What model servers answer. Sources: `UsageWords+Servers`.
extension RawUsage {
    static let servers: [RawUsage] = [
        RawUsage(
            name: "Llama at Bedrock",
            json:
                #"{"generation": "private", "prompt_token_count": 2000, "generation_token_count": 500, "stop_reason": "stop"}"#,
            format: .llama, meters: ["input_tokens": 2000, "output_tokens": 500]),
        RawUsage(
            name: "Titan at Bedrock",
            json:
                #"{"inputTextTokenCount": 15, "results": [{"tokenCount": 30, "outputText": "private"}, {"tokenCount": 12}]}"#,
            format: .titan, meters: ["input_tokens": 15, "output_tokens": 42]),
        RawUsage(
            name: "embeddings of Titan's", json: #"{"inputTextTokenCount": 8}"#, format: .titan,
            meters: ["input_tokens": 8]),
        RawUsage(
            name: "Ollama",
            json: """
                {"model": "llama3.2", "done": true, "total_duration": 5191566416, "load_duration": 2154458, "prompt_eval_count": 26,
                 "prompt_eval_duration": 383809000, "eval_count": 298, "eval_duration": 4799921000}
                """,
            format: .ollama, meters: ["input_tokens": 26, "output_tokens": 298]),
        RawUsage(
            name: "watsonx",
            json: #"{"results": [{"generated_text": "private", "generated_token_count": 7, "input_token_count": 4}]}"#,
            format: .watsonx, meters: ["input_tokens": 4, "output_tokens": 7]),
        RawUsage(
            name: "counts in strings, as Yandex writes them",
            json: #"{"prompt_tokens": "390", "completion_tokens": "44", "total_tokens": "434"}"#, format: .openAIChat,
            meters: ["input_tokens": 390, "output_tokens": 44]),
        RawUsage(
            name: "counts with a point",
            json: #"{"prompt_tokens": 512.0, "completion_tokens": 1e2, "total_tokens": "612.0"}"#, format: .openAIChat,
            meters: ["input_tokens": 512, "output_tokens": 100]),
    ]
}
