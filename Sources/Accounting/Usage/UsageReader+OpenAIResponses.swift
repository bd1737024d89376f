import JSON

/// Sources: `ResponseUsage`, `Response.tool_usage`, `ImagesResponse.usage`, `Transcription.usage` and
/// `RealtimeResponseUsage` of openai-python 3.54; docs.x.ai (cost tracking).
extension UsageReader {
    /// `input_tokens` and `output_tokens` are wholes that include their details. Realtime and transcriptions spell the
    /// names of the details differently.
    mutating func openAIResponses() -> UsageParts {
        var parts = UsageParts()
        parts.set(.input, count("input_tokens"))
        parts.set(.output, count("output_tokens"))
        let inputDetails = group("input_tokens_details") ?? group("input_token_details")
        addInput(inputDetails, cached: count("cached_tokens", in: inputDetails), to: &parts)
        addOutput(group("output_tokens_details") ?? group("output_token_details"), to: &parts)
        parts.set(.audioInputSeconds, decimal("seconds", in: whole, .up))
        addServerTools(to: &parts)
        let total = count("total_tokens")
        // As in chat completions, some providers count reasoning beside the output.
        if parts[.reasoning] > 0, parts.excess(of: total) == parts[.reasoning] { parts.add(.output, parts[.reasoning]) }
        let rest = parts.excess(of: total)
        if rest != 0 { parts.differenceTokens = rest }
        addHostedTools(to: &parts)
        return parts
    }

    /// What OpenAI's hosted tools used. A response reports it beside its usage, not in it.
    var hostedTools: UsageGroup? { around?.group("tool_usage") }

    /// Searches have a price each. The tokens of images belong to another model, so they are reported as a difference
    /// and not priced.
    private mutating func addHostedTools(to parts: inout UsageParts) {
        guard let tools = hostedTools else { return }
        parts.add(.webSearches, count("num_requests", in: tools.group("web_search")))
        parts.differenceTokens += count("total_tokens", in: tools.group("image_gen"))
    }
}
