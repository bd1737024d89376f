import JSON

/// Sources: `Usage`, `MessageDeltaUsage`, `CacheCreation`, `ServerToolUsage`, `OutputTokensDetails` and
/// `BetaIterationsUsage` of anthropic-sdk-python 2.12; platform.claude.com/docs (pricing, streaming, compaction, advisor
/// tool, refusals and fallback).
extension UsageReader {
    /// `input_tokens` excludes cache reads and writes; `output_tokens` includes thinking.
    ///
    /// A stream reports its usage twice. `message_delta` is cumulative and takes precedence over `message_start`, but
    /// only `message_start` says how long the cache lasts.
    mutating func anthropic() -> UsageParts {
        let start = group("message_start").map(Self.usage(in:))
        let delta = group("message_delta").map(Self.usage(in:))
        let end = delta ?? start ?? whole
        var parts = pass(end, before: start)
        let tools = end.group("server_tool_use") ?? start?.group("server_tool_use")
        // Fetching pages costs only the tokens of the pages.
        parts.set(.webSearches, count("web_search_requests", in: tools))
        // Anthropic says no total. Who adds one counts the cache, or leaves it out.
        let total = count("total_tokens", in: end)
        let fresh = parts.input - parts[.cacheRead] - parts[.cacheWrite] - parts[.cacheWrite1h]
        if total > 0, total != fresh + parts.output, total != parts.input + parts.output {
            parts.differenceTokens += total - parts.input - parts.output
        }
        addIterations(end, to: &parts)
        // The first event of a stream says its input, the last its output. Newer ones say both in the last.
        let isBegun = delta == nil && (start != nil || isFirstEvent)
        isPartial = isBegun || value.tokenCount > 1 && !Self.saysInput(end) && !(start.map(Self.saysInput) ?? false)
        return parts
    }

    /// The usage in an event, or in the message inside the event.
    static func usage(in event: UsageGroup) -> UsageGroup {
        event.group("usage") ?? event.group("message")?.group("usage") ?? event
    }

    private static func saysInput(_ usage: UsageGroup) -> Bool {
        usage.value.fields(among: [
            "input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation", "iterations",
        ]) != 0
    }

    private mutating func pass(_ pass: UsageGroup, before start: UsageGroup? = nil) -> UsageParts {
        func latest(_ name: StaticString) -> UsageGroup {
            let isSaid = pass.value[name].map { !$0.isNull } ?? false
            return isSaid ? pass : start ?? pass
        }
        var parts = UsageParts()
        let fresh = whole("input_tokens", .input, in: latest("input_tokens"))
        let read = count("cache_read_input_tokens", in: latest("cache_read_input_tokens"))
        let writes = count("cache_creation_input_tokens", in: latest("cache_creation_input_tokens"))
        let kinds = pass.group("cache_creation") ?? start?.group("cache_creation")
        let minutes = count("ephemeral_5m_input_tokens", in: kinds)
        let hour = count("ephemeral_1h_input_tokens", in: kinds)
        parts.set(.input, fresh + read + max(writes, minutes + hour))
        parts.set(.cacheRead, read)
        // Older answers contain only the sum, which means 5-minute writes.
        parts.addWrites(total: writes, minutes: minutes, hour: hour, isSplit: kinds != nil)
        parts.set(.output, whole("output_tokens", .output, in: latest("output_tokens")))
        parts.set(.reasoning, count("thinking_tokens", in: pass.group("output_tokens_details")))
        if let start { supersede(start) }
        return parts
    }

    /// What the first event of a stream said of these is out of date.
    private mutating func supersede(_ start: UsageGroup) {
        let names: [StaticString] = [
            "input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens",
        ]
        for name in names { if let found = start.value[name] { use(found) } }
    }

    /// A call may make several passes over its model: it may compact the conversation first. The totals do not include
    /// compactions, and each pass has a context, and so a price, of its own. The totals do not include other models'
    /// work either: advice, and the answers of models that declined. It has other prices, so it is reported as a
    /// difference and not priced.
    private mutating func addIterations(_ usage: UsageGroup, to parts: inout UsageParts) {
        guard let iterations = usage.value["iterations"]?.elements else { return }
        let isFallback = iterations.contains { $0["type"]?.string == "fallback_message" }
        var (messages, compactions): ([UsageParts], [UsageParts]) = ([], [])
        for (index, iteration) in iterations.enumerated() {
            let group = UsageGroup(value: iteration, prefix: "\(usage.path(to: "iterations"))/\(index)", name: "")
            switch iteration["type"]?.string {
            case "compaction": compactions.append(pass(group))
            case "message" where !isFallback, "fallback_message": messages.append(pass(group))
            case "advisor_message", "message":
                let other = pass(group)
                parts.differenceTokens = UsageParts.sum(parts.differenceTokens, other.input + other.output)
            // What another kind costs is not known. Its counts stay unread.
            default: break
            }
        }
        // Older answers say the input of the first pass alone. Passes that say less than the totals are not all of them.
        let sum = UsageParts(tokensOf: messages)
        if !messages.isEmpty, sum.input >= parts.input, sum.output >= parts.output {
            UsageParts.takeDetails(of: parts, into: &messages)
        } else {
            let more = max(0, sum.input - parts.input) + max(0, sum.output - parts.output)
            parts.differenceTokens = UsageParts.sum(parts.differenceTokens, more)
            messages = parts.input + parts.output > 0 ? [parts] : []
        }
        passes = compactions + messages
        parts.setTokens(UsageParts(tokensOf: passes))
    }
}
