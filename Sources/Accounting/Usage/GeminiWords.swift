/// Google's three spellings of one usage object.
struct GeminiWords {
    let prompt, cached, candidates, thoughts, toolUse, total: StaticString
    let promptDetails, cachedDetails, candidatesDetails, toolUseDetails, tokens: StaticString
    /// The Live API's names for the candidates.
    let response, responseDetails: StaticString
    let characters: StaticString

    /// REST, and what most clients pass on.
    static let camel = GeminiWords(
        prompt: "promptTokenCount", cached: "cachedContentTokenCount", candidates: "candidatesTokenCount",
        thoughts: "thoughtsTokenCount", toolUse: "toolUsePromptTokenCount", total: "totalTokenCount",
        promptDetails: "promptTokensDetails", cachedDetails: "cacheTokensDetails",
        candidatesDetails: "candidatesTokensDetails", toolUseDetails: "toolUsePromptTokensDetails",
        tokens: "tokenCount", response: "responseTokenCount", responseDetails: "responseTokensDetails",
        characters: "billableCharacterCount")
    /// The Python client.
    static let snake = GeminiWords(
        prompt: "prompt_token_count", cached: "cached_content_token_count", candidates: "candidates_token_count",
        thoughts: "thoughts_token_count", toolUse: "tool_use_prompt_token_count", total: "total_token_count",
        promptDetails: "prompt_tokens_details", cachedDetails: "cache_tokens_details",
        candidatesDetails: "candidates_tokens_details", toolUseDetails: "tool_use_prompt_tokens_details",
        tokens: "token_count", response: "response_token_count", responseDetails: "response_tokens_details",
        characters: "billable_character_count")
    /// The Interactions API.
    static let interactions = GeminiWords(
        prompt: "total_input_tokens", cached: "total_cached_tokens", candidates: "total_output_tokens",
        thoughts: "total_thought_tokens", toolUse: "total_tool_use_tokens", total: "total_tokens",
        promptDetails: "input_tokens_by_modality", cachedDetails: "cached_tokens_by_modality",
        candidatesDetails: "output_tokens_by_modality", toolUseDetails: "tool_use_tokens_by_modality",
        tokens: "tokens", response: "total_output_tokens", responseDetails: "output_tokens_by_modality",
        characters: "billable_character_count")
}
