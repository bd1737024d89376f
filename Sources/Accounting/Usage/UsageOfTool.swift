import JSON

/// What the AI SDK says of usage outside its usage object: the provider's own object, and counts that only the provider has.
///
/// Sources: `providerMetadata` of @ai-sdk/anthropic 2.0 (`usage`, `cacheCreationInputTokens`), @ai-sdk/openai 1.3
/// (`cachedPromptTokens`) and @ai-sdk/deepseek 1.0 (`promptCacheHitTokens`); `raw` of `LanguageModelUsage` in ai 6.0.
enum UsageOfTool {
    /// Anthropic's own object in a whole result. It is exact, where the SDK leaves caches out of the prompt.
    static func anthropics(in result: JSONValue) -> UsageSigns.Found? {
        guard let usage = result["providerMetadata"]?["anthropic"]?["usage"], usage.kind == .object else { return nil }
        var found = UsageSigns.Found(usage: usage, format: .anthropic)
        found.path = "/providerMetadata/anthropic/usage"
        return found
    }

    /// The paths of token counts that a whole result has of its provider, beside a usage object that was read.
    static func unreadTokens(beside result: JSONValue) -> [String] {
        guard let metadata = result["providerMetadata"], metadata.kind == .object else { return [] }
        var unread: [String] = []
        for (provider, values) in metadata.fields where values.kind == .object {
            for (name, value) in values.fields where name.hasSuffix("Tokens") && value.isCount {
                unread.append("/providerMetadata/\(JSONFields.escaped(provider))/\(JSONFields.escaped(name))")
            }
        }
        return Array(unread.prefix(JSONFields.maximumErrors))
    }

    /// By how much the wholes of a tool's object exceed those of the provider's own object inside it, which was read. Nil
    /// if they do not: a tool may leave caches out.
    static func tokens(beside own: JSONValue, in tool: JSONValue?, beyond parts: UsageParts) -> Int64? {
        guard let tool, [tool["raw"], tool["nativeUsage"]].contains(where: { $0?.place == own.place }) else {
            return nil
        }
        func whole(_ name: StaticString) -> Int64 { tool[name]?.integer ?? tool[name]?["total"]?.integer ?? 0 }
        let more = whole("inputTokens").plus(whole("outputTokens")).minus(parts.input).minus(parts.output)
        return more > 0 ? more : nil
    }
}
