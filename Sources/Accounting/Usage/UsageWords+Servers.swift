/// Sources: the answers of Bedrock's InvokeModel (docs.aws.amazon.com: Llama, Titan), docs.ollama.com/api/usage,
/// watsonx.ai's text generation and embeddings.
extension UsageWords {
    static let llama = UsageWords(words: [
        Word("prompt_token_count", is: .input), Word("generation_token_count", is: .output),
    ])

    static let titan = UsageWords(words: [
        Word("inputTextTokenCount", is: .input), Word("results", "tokenCount", is: .output),
    ])

    static let ollama = UsageWords(words: [
        Word("prompt_eval_count", is: .input), Word("prompt_eval_cached_count", is: .reads),
        Word("eval_count", is: .output),
    ])

    static let watsonx = UsageWords(words: [
        Word("input_token_count", is: .input), Word("generated_token_count", is: .output),
        Word("results", "input_token_count", is: .input), Word("results", "generated_token_count", is: .output),
    ])
}
