import JSON

/// What OpenAI's two formats share: the details of their wholes, and xAI's tools.
extension UsageReader {
    /// The parts of the prompt. Audio and images read from a cache are listed inside the cached tokens.
    mutating func addInput(_ details: UsageGroup?, cached: Int64, to parts: inout UsageParts) {
        let ofCached = details?.group("cached_tokens_details")
        let cachedAudio = count("audio_tokens", in: ofCached)
        let cachedImage = count("image_tokens", in: ofCached)
        parts.set(.cacheReadAudio, cachedAudio)
        parts.set(.cacheReadImage, cachedImage)
        parts.set(.cacheRead, parts.rest(of: cached, without: cachedAudio + cachedImage))
        parts.set(.audioInput, parts.rest(of: count("audio_tokens", in: details), without: cachedAudio))
        parts.set(.imageInput, parts.rest(of: count("image_tokens", in: details), without: cachedImage))
        parts.set(.videoInput, count("video_tokens", in: details))
        addWrites(details, to: &parts)
    }

    /// OpenAI splits cache writes by how long they are kept. LiteLLM and Alibaba do the same for Anthropic's kinds, in a
    /// group of its own.
    private mutating func addWrites(_ details: UsageGroup?, to parts: inout UsageParts) {
        var total = count("cache_write_tokens", or: "cache_creation_tokens", in: details)
        total = total > 0 ? total : count("cache_creation_input_tokens", in: details)
        let kinds = details?.group("cache_write_tokens_details")
        let others = details?.group("cache_creation_token_details") ?? details?.group("cache_creation")
        parts.addWrites(
            total: total,
            minutes: count("ttl_30m_tokens", in: kinds) + count("ephemeral_5m_input_tokens", in: others)
                + count("ephemeral_30m_input_tokens", in: others),
            hour: count("ephemeral_1h_input_tokens", in: others),
            halfDay: count("ttl_12h_tokens", in: kinds) + count("ephemeral_12h_input_tokens", in: others),
            isSplit: kinds != nil || others != nil)
    }

    mutating func addOutput(_ details: UsageGroup?, to parts: inout UsageParts) {
        parts.set(.reasoning, count("reasoning_tokens", in: details))
        parts.set(.audioOutput, count("audio_tokens", in: details))
        parts.set(.imageOutput, count("image_tokens", in: details))
        parts.set(.videoOutput, count("video_tokens", in: details))
    }

    /// xAI's tools, each charged by its successful calls. Reading images, videos and remote servers costs only tokens.
    /// Others count searches alone, and some twice.
    mutating func addServerTools(to parts: inout UsageParts) {
        let searches = count("web_search_requests", in: group("server_tool_use") ?? group("server_tool_use_details"))
        parts.add(.webSearches, searches)
        let details = group("prompt_tokens_details")
        if searches > 0 {
            same(searches, "web_search_requests", in: details)
        } else {
            parts.add(.webSearches, count("web_search_requests", in: details))
        }
        guard let tools = group("server_side_tool_usage_details") else { return }
        parts.add(.webSearches, count("web_search_calls", in: tools))
        parts.add(.xSearches, count("x_search_calls", in: tools))
        parts.add(.codeExecutions, count("code_interpreter_calls", in: tools))
        parts.add(.fileSearches, count("file_search_calls", in: tools))
        parts.add(.documentSearches, count("document_search_calls", in: tools))
        parts.add(.images, count("image_generation_calls", in: tools))
    }
}
