import JSON

/// Sources: `Usage`, `MessageDeltaUsage`, `CacheCreation`, `ServerToolUsage`, `OutputTokensDetails` and
/// `BetaIterationsUsage` of anthropic-sdk-python 2.12; platform.claude.com/docs (pricing, streaming).
extension UsageReader {
    /// `input_tokens` excludes cache reads and writes; `output_tokens` includes thinking.
    ///
    /// A stream reports its usage twice. `message_delta` is cumulative and takes precedence over `message_start`, but
    /// only `message_start` says how long the cache lasts.
    mutating func anthropic() -> UsageParts {
        var parts = UsageParts()
        let start = group("message_start").map(Self.usage(in:))
        let end = group("message_delta").map(Self.usage(in:)) ?? start ?? whole
        addTurn(end, before: start, to: &parts)
        let tools = end.group("server_tool_use") ?? start?.group("server_tool_use")
        // Fetching pages costs only the tokens of the pages.
        parts.set(.webSearches, count("web_search_requests", in: tools))
        addIterations(end, to: &parts)
        return parts
    }

    /// The usage in an event, or in the message inside the event.
    static func usage(in event: UsageGroup) -> UsageGroup {
        event.group("usage") ?? event.group("message")?.group("usage") ?? event
    }

    private mutating func addTurn(_ turn: UsageGroup, before start: UsageGroup?, to parts: inout UsageParts) {
        let read = latest("cache_read_input_tokens", in: turn, before: start)
        let writes = latest("cache_creation_input_tokens", in: turn, before: start)
        let kinds = turn.group("cache_creation") ?? start?.group("cache_creation")
        let minutes = count("ephemeral_5m_input_tokens", in: kinds)
        let hour = count("ephemeral_1h_input_tokens", in: kinds)
        let written = max(writes, minutes + hour)
        parts.add(.input, latest("input_tokens", in: turn, before: start) + read + written)
        parts.add(.cacheRead, read)
        // Older answers contain only the sum, which means 5-minute writes.
        parts.addWrites(total: writes, minutes: minutes, hour: hour, isSplit: kinds != nil)
        parts.add(.output, latest("output_tokens", in: turn, before: start))
        parts.add(.reasoning, count("thinking_tokens", in: turn.group("output_tokens_details")))
    }

    private mutating func latest(_ name: StaticString, in turn: UsageGroup, before start: UsageGroup?) -> Int64 {
        let isSaid = turn.value[name].map { !$0.isNull } ?? false
        return count(name, in: isSaid ? turn : start ?? turn)
    }

    /// Compacting a conversation is billed like another turn of the same model, but the totals do not include it. The
    /// totals do not include another model's advice either. This advice has another price, so it is reported as a
    /// difference and not priced.
    private mutating func addIterations(_ usage: UsageGroup, to parts: inout UsageParts) {
        guard let iterations = usage.value["iterations"]?.elements else { return }
        for (index, iteration) in iterations.enumerated() {
            let turn = UsageGroup(value: iteration, prefix: "\(usage.path(to: "iterations"))/\(index)", name: "")
            switch iteration["type"]?.string {
            case "compaction": addTurn(turn, before: nil, to: &parts)
            case "advisor_message":
                var advice = UsageParts()
                addTurn(turn, before: nil, to: &advice)
                parts.differenceTokens = UsageParts.sum(parts.differenceTokens, advice.input + advice.output)
            default: break
            }
        }
    }
}
