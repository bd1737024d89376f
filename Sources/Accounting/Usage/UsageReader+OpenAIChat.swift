import JSON

/// Sources: `CompletionUsage` of openai-python 3.54 and groq-python 1.7, `UsageInfo`, `ConversationUsageInfo` and
/// `OCRUsageInfo` of mistralai 3.7, api-docs.deepseek.com (create chat completion), docs.x.ai (cost tracking, tool
/// usage details), openrouter.ai/docs (usage accounting), `UsageInfo` of perplexity-py and docs.perplexity.ai (pricing),
/// `Usage` of litellm 1.109, help.aliyun.com (context cache), `ChatUsage` of OpenRouter's typescript-sdk 1.2.
extension UsageReader {
    /// `prompt_tokens` and `completion_tokens` are wholes that include their details, such as predictions. But some
    /// providers count something beside these wholes, which only their total shows.
    mutating func openAIChat() -> UsageParts {
        var parts = UsageParts()
        parts.set(.input, whole("prompt_tokens", .input))
        parts.set(.output, whole("completion_tokens", .output))
        let promptDetails = group("prompt_tokens_details") ?? group("prompt_token_details")
        addOutput(group("completion_tokens_details"), to: &parts)
        parts.total = count("total_tokens")
        // OpenAI's own object has none of the fields that only other providers use, and most objects are like it.
        guard value.fields(among: Self.othersNames) != 0 else {
            addInput(promptDetails, cached: count("cached_tokens", in: promptDetails), to: &parts)
            settle(&parts)
            return parts
        }
        addInput(promptDetails, cached: cachedTokens(promptDetails), to: &parts)
        addWritesBeside(promptDetails, to: &parts)
        let hits = count("prompt_cache_hit_tokens")
        let misses = count("prompt_cache_miss_tokens")
        if misses > 0 { parts.differenceTokens = hits + misses - parts.input }
        addServerTools(to: &parts)
        addConnectors(to: &parts)
        addResearch(to: &parts)
        parts.set(.pages, count("pages_processed"))
        let seconds = count("prompt_audio_seconds")
        parts.set(.audioInputSeconds, seconds)
        settle(
            &parts, beside: count("connector_tokens"),
            secondsOf: seconds > 0 ? count("audio_tokens", in: promptDetails) : 0)
        return parts
    }

    /// Every field that only other providers use.
    private static let othersNames: [StaticString] = [
        "prompt_cache_hit_tokens", "prompt_cache_miss_tokens", "num_cached_tokens", "cached_tokens",
        "cache_read_input_tokens", "cache_creation_input_tokens", "server_tool_use", "server_tool_use_details",
        "pages_processed", "server_side_tool_usage_details", "connectors", "connector_tokens", "prompt_audio_seconds",
        "citation_tokens", "num_search_queries", "reasoning_tokens", "search_context_size", "cached_prompt_tokens",
        "cache_creation_tokens",
    ]

    /// Tokens read from a cache. Providers and tools give one number under several names: OpenAI's, DeepSeek's, Mistral's,
    /// Moonshot's, CrewAI's, or LiteLLM's for Anthropic.
    private mutating func cachedTokens(_ details: UsageGroup?) -> Int64 {
        let others: [StaticString] = [
            "prompt_cache_hit_tokens", "num_cached_tokens", "cached_tokens", "cache_read_input_tokens",
            "cached_prompt_tokens",
        ]
        let cached = others.reduce(count("cached_tokens", in: details)) { $0 > 0 ? $0 : count($1) }
        if cached > 0 { for name in others { same(cached, name, in: whole) } }
        return cached
    }

    /// LiteLLM and CrewAI repeat Anthropic's cache writes beside the wholes. Some of their versions leave them out of the
    /// prompt, which shows in that they do not fit into it, or that the rest is told to be text.
    private mutating func addWritesBeside(_ details: UsageGroup?, to parts: inout UsageParts) {
        let written = count("cache_creation_input_tokens", or: "cache_creation_tokens", in: whole)
        let known = parts[.cacheWrite] + parts[.cacheWrite1h] + parts[.cacheWrite12h]
        guard written > 0 else { return }
        if written > known { parts.add(.cacheWrite, written - known) }
        let read = parts[.cacheRead] + parts[.cacheReadAudio] + parts[.cacheReadImage]
        let isBeside =
            read <= parts.input && read + written > parts.input
            || details?.value["text_tokens"]?.integer.map { $0 > 0 && $0 + read == parts.input } ?? false
        guard isBeside else { return }
        // Their total leaves them out too.
        if parts.total > 0, parts.excess == 0 { parts.total = UsageParts.sum(parts.total, written) }
        parts.add(.input, written)
    }

    /// What Perplexity's research uses beside the wholes: what it read of the pages that it cites, its searches, and its
    /// reasoning, whose total excludes them all. Where a call has no searches of its own, it pays one fee by the size of
    /// its search context.
    private mutating func addResearch(to parts: inout UsageParts) {
        let citations = count("citation_tokens")
        parts.add(.citations, citations)
        let searches = count("num_search_queries")
        parts.add(.webSearches, searches)
        let reasoning = count("reasoning_tokens")
        if reasoning > 0, parts[.reasoning] == 0 {
            parts.set(.reasoning, reasoning)
            // The total of other providers shows whether the reasoning is part of the output.
            let isPerplexity = citations > 0 || searches > 0 || value["search_context_size"] != nil
            if isPerplexity, parts.excess == 0 {
                parts.add(.output, reasoning)
                if parts.total > 0 { parts.total = UsageParts.sum(parts.total, reasoning) }
            }
        } else {
            same(parts[.reasoning], "reasoning_tokens", in: whole)
        }
        if searches == 0, let size = value["search_context_size"]?.string, ["low", "medium", "high"].contains(size) {
            parts.add(Meter("web_searches_\(size)"), 1)
        }
    }

    /// Compares the sums with the provider's total. First adds what the total proves to be counted beside the wholes:
    /// reasoning (xAI), tool results (`beside`, Mistral), or audio that is charged by its seconds (Mistral).
    mutating func settle(_ parts: inout UsageParts, beside: Int64 = 0, secondsOf audio: Int64 = 0) {
        let excess = parts.excess
        if excess > 0, excess == parts[.reasoning] {
            parts.add(.output, excess)
        } else if excess > 0, excess == beside {
            parts.add(.input, excess)
        } else if excess > 0, excess == audio {
            parts.set(.audioInput, 0)
            return
        }
        let rest = parts.excess
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
