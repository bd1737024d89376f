import JSON

/// Sources: `CompletionUsage` of openai-python 3.54 and groq-python 1.7, `UsageInfo`, `ConversationUsageInfo` and
/// `OCRUsageInfo` of mistralai 3.7, api-docs.deepseek.com (create chat completion), docs.x.ai (cost tracking, tool
/// usage details), openrouter.ai/docs (usage accounting).
extension UsageReader {
    /// `prompt_tokens` and `completion_tokens` are wholes that include their details, such as predictions. But some
    /// providers count something beside these wholes, which only their total shows.
    mutating func openAIChat() -> UsageParts {
        var parts = UsageParts()
        parts.set(.input, count("prompt_tokens"))
        parts.set(.output, count("completion_tokens"))
        let promptDetails = group("prompt_tokens_details")
        addOutput(group("completion_tokens_details"), to: &parts)
        let total = count("total_tokens")
        // OpenAI's own object has none of the fields that only other providers use, and most objects are like it.
        guard value.fields(among: Self.othersNames) != 0 else {
            addInput(promptDetails, cached: count("cached_tokens", in: promptDetails), to: &parts)
            settle(total: total, in: &parts)
            return parts
        }
        addInput(promptDetails, cached: cachedTokens(promptDetails), to: &parts)
        let hits = count("prompt_cache_hit_tokens")
        let misses = count("prompt_cache_miss_tokens")
        if misses > 0 { parts.differenceTokens = hits + misses - parts.input }
        parts.add(.webSearches, count("web_search_requests", in: group("server_tool_use")))
        parts.set(.pages, count("pages_processed"))
        addServerTools(to: &parts)
        addConnectors(to: &parts)
        let seconds = count("prompt_audio_seconds")
        parts.set(.audioInputSeconds, seconds)
        settle(
            total: total, beside: count("connector_tokens"),
            secondsOf: seconds > 0 ? count("audio_tokens", in: promptDetails) : 0, in: &parts)
        return parts
    }

    /// Every field that only other providers use.
    private static let othersNames: [StaticString] = [
        "prompt_cache_hit_tokens", "prompt_cache_miss_tokens", "num_cached_tokens", "cached_tokens",
        "cache_read_input_tokens", "server_tool_use", "pages_processed", "server_side_tool_usage_details", "connectors",
        "connector_tokens", "prompt_audio_seconds",
    ]

    /// Tokens read from a cache, by the name that the provider gives them: OpenAI's, DeepSeek's, Mistral's, Moonshot's,
    /// or LiteLLM's for Anthropic.
    private mutating func cachedTokens(_ details: UsageGroup?) -> Int64 {
        let cached = count("cached_tokens", in: details)
        if cached > 0 { return cached }
        let hits = count("prompt_cache_hit_tokens", or: "num_cached_tokens", in: whole)
        return hits > 0 ? hits : count("cached_tokens", or: "cache_read_input_tokens", in: whole)
    }

    /// Compares the sums with the provider's total. First adds what the total proves to be counted beside the wholes:
    /// reasoning (xAI), tool results (`beside`, Mistral), or audio that is charged by its seconds (Mistral).
    private mutating func settle(
        total: Int64, beside: Int64 = 0, secondsOf audio: Int64 = 0, in parts: inout UsageParts
    ) {
        let excess = parts.excess(of: total)
        if excess > 0, excess == parts[.reasoning] {
            parts.add(.output, excess)
        } else if excess > 0, excess == beside {
            parts.add(.input, excess)
        } else if excess > 0, excess == audio {
            parts.set(.audioInput, 0)
            return
        }
        let rest = parts.excess(of: total)
        if rest != 0 { parts.differenceTokens = rest }
    }

    /// Mistral's tools, each charged by the number of its calls.
    private mutating func addConnectors(to parts: inout UsageParts) {
        guard let connectors = group("connectors") else { return }
        parts.add(.webSearches, count("web_search", in: connectors))
        parts.add(.webSearches, count("web_search_premium", in: connectors))
        parts.add(.codeExecutions, count("code_interpreter", in: connectors))
        parts.add(.images, count("image_generation", in: connectors))
    }
}
