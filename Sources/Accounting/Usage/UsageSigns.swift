import JSON

/// Finds the usage object in what a router sends, and its format, by the names of its fields.
enum UsageSigns {
    /// What one field name says by itself.
    private enum Meaning {
        case format(UsageFormat)
        /// Says the format only if the field is an object, because a meter may have the same name.
        case object(UsageFormat)
        /// The same for a number.
        case number(UsageFormat)
        /// Several formats share the name. The first whose own names the object has decides; otherwise the last.
        case shared([(any: [StaticString], format: UsageFormat)], otherwise: UsageFormat)
        /// A transcription charged by its length, if the object says so; otherwise any meter.
        case duration
        /// A list of answers that contain a field.
        case answers(StaticString, UsageFormat)
        /// Both OpenAI and Anthropic use this field. Anthropic's contains thinking tokens.
        case outputDetails
        /// OpenAI's realtime and LangChain use these fields. LangChain's contain shorter names.
        case tokenDetails
        /// An object here, or these fields of others beside it, tell which of many tools wrote it.
        case inputTokens
        /// The chat's wholes. Helicone's gateway counts otherwise.
        case chat
        /// The wholes, which mean the same in every format that has them.
        case bare
        /// The usage object is inside this field.
        case around
        /// A tool's object contains the provider's own in this field, unless the tool's format is asked for.
        case provider

        var isContainer: Bool {
            switch self {
            case .around, .provider: true
            default: false
            }
        }
    }

    private typealias Sign = (name: StaticString, meaning: Meaning)

    private static let codexNames: [StaticString] = [
        "cached_input_tokens", "reasoning_output_tokens", "cache_write_input_tokens",
    ]
    private static let anthropicNames: [StaticString] = [
        "cache_creation_input_tokens", "cache_read_input_tokens", "cache_creation",
    ]
    private static let microsoftNames: [StaticString] = [
        "totalTokenCount", "cachedInputTokenCount", "reasoningTokenCount", "additionalCounts", "inputAudioTokenCount",
    ]
    private static let geminiCommandNames: [StaticString] = ["input_token_count", "output_token_count"]

    /// What nearly every object is told by. If an object has several of the names, the first in this table decides.
    private static let common: [Sign] = [
        ("raw", .provider), ("nativeUsage", .provider), ("prompt_tokens", .chat), ("completion_tokens", .chat),
        ("prompt_audio_seconds", .format(.openAIChat)), ("pages_processed", .format(.openAIChat)),
        ("promptTokenCount", .format(.gemini)), ("candidatesTokenCount", .format(.gemini)),
        ("totalTokenCount", .shared([(["inputTokenCount", "outputTokenCount"], .microsoft)], otherwise: .gemini)),
        ("prompt_token_count", .shared([(["generation_token_count"], .llama)], otherwise: .gemini)),
        ("candidates_token_count", .format(.gemini)),
        ("total_token_count", .shared([(geminiCommandNames, .geminiCLI)], otherwise: .gemini)),
        ("total_input_tokens", .format(.gemini)), ("total_output_tokens", .format(.gemini)),
        ("billableCharacterCount", .format(.gemini)), ("billable_character_count", .format(.gemini)),
        ("inputTokens", .inputTokens), ("outputTokens", .inputTokens),
        ("inputTokenCount", .shared([(microsoftNames, .microsoft)], otherwise: .bedrock)),
        ("outputTokenCount", .shared([(microsoftNames, .microsoft)], otherwise: .bedrock)),
        ("promptTokens", .format(.vercel)), ("completionTokens", .format(.vercel)), ("billed_units", .object(.cohere)),
        ("input_tokens_details", .format(.openAIResponses)), ("input_token_details", .tokenDetails),
        ("output_token_details", .tokenDetails),
        (
            "total_tokens",
            .shared(
                [(codexNames, .codex), (["request_tokens"], .pydanticAI), (anthropicNames, .anthropic)],
                otherwise: .openAIResponses)
        ),
        ("cache_creation_input_tokens", .shared([(["input", "output"], .langfuse)], otherwise: .anthropic)),
        ("cache_read_input_tokens", .shared([(["input", "output"], .langfuse)], otherwise: .anthropic)),
        ("cache_creation", .format(.anthropic)), ("server_tool_use", .format(.anthropic)),
        ("inference_geo", .format(.anthropic)), ("message_delta", .object(.anthropic)),
        ("message_start", .object(.anthropic)), ("output_tokens_details", .outputDetails),
        ("cost_in_usd_ticks", .format(.openAIResponses)), ("input_tokens", .bare), ("output_tokens", .bare),
        ("iterations", .format(.anthropic)), ("usage", .around), ("usageMetadata", .around),
        ("usage_metadata", .around),
        ("usage_info", .around), ("amazon-bedrock-invocationMetrics", .around), ("x_groq", .around),
        ("response", .around), ("message", .around), ("metadata", .around), ("delta", .around), ("meta", .around),
        ("body", .around), ("result", .around), ("tokens", .object(.cohere)), ("seconds", .duration),
    ]
    private static let commonNames = common.map(\.name)

    /// What some tools write. Only an object that `common` does not tell is looked up here.
    private static let rare: [Sign] = [
        ("gen_ai.usage.input_tokens", .format(.openTelemetry)),
        ("gen_ai.usage.output_tokens", .format(.openTelemetry)),
        ("gen_ai.usage.prompt_tokens", .format(.openTelemetry)),
        ("gen_ai.usage.completion_tokens", .format(.openTelemetry)),
        ("llm.token_count.prompt", .format(.openInference)), ("llm.token_count.completion", .format(.openInference)),
        ("llm.token_count.total", .format(.openInference)), ("llm", .object(.openInference)),
        ("token_count", .object(.openInference)), ("candidates", .number(.geminiCLI)),
        ("completion", .number(.openInference)), ("thoughts", .number(.geminiCLI)), ("tool", .number(.geminiCLI)),
        ("input", .number(.langfuse)), ("output", .number(.langfuse)), ("request_tokens", .format(.pydanticAI)),
        ("response_tokens", .format(.pydanticAI)), ("InputTokenCount", .format(.microsoft)),
        ("OutputTokenCount", .format(.microsoft)), ("generation_token_count", .format(.llama)),
        ("inputTextTokenCount", .format(.titan)), ("prompt_eval_count", .format(.ollama)),
        ("eval_count", .format(.ollama)), ("generated_token_count", .format(.watsonx)),
        ("input_token_count", .format(.geminiCLI)), ("output_token_count", .format(.geminiCLI)),
        ("last_token_usage", .around), ("info", .around), ("payload", .around), ("tokenUsage", .around),
        ("token_usage", .around), ("last", .around), ("usageDetails", .around), ("usage_details", .around),
        ("results", .answers("generated_token_count", .watsonx)), ("response_metadata", .around),
        ("llmOutput", .around), ("meta_info", .around), ("tokens", .number(.vercel)),
    ]
    private static let rareNames = rare.map(\.name)

    /// A usage object, and its place in what was sent.
    struct Found {
        let usage: JSONValue
        var format: UsageFormat
        /// The pointer to the usage object; empty if it is all that was sent.
        var path = ""
        /// The object that directly contains it; nil if the usage object is all that was sent.
        var around: JSONValue?
        /// Whether it was inside the first event of a stream of Anthropic's.
        var isFirstEvent = false
    }

    /// A line of a batch contains its response, which contains its body, which contains its usage. No usage is nested
    /// deeper.
    private static let maximumDepth = 4

    /// Finds the usage object in `value`. Determines its format too, unless `named` already gives it.
    static func find(in value: JSONValue, named: UsageFormat?) -> Found {
        let direct = Found(usage: value, format: named ?? .purser)
        if named == .purser { return direct }
        return search(value, named, common, commonNames, depth: maximumDepth)
            ?? search(value, named, rare, rareNames, depth: maximumDepth) ?? direct
    }

    private static func search(
        _ value: JSONValue, _ named: UsageFormat?, _ table: [Sign], _ names: [StaticString], depth: Int
    ) -> Found? {
        var signs = value.fields(among: names)
        while signs != 0 {
            let (name, meaning) = table[signs.trailingZeroBitCount]
            if case .provider = meaning, named?.isTable ?? false {
                signs &= signs - 1
                continue
            }
            if meaning.isContainer {
                if depth > 0, let inner = value[name], let found = find(in: inner, of: value, name, named, depth - 1) {
                    return found
                }
            } else if let format = format(told: meaning, by: name, in: value) {
                return Found(usage: value, format: named ?? format)
            }
            signs &= signs - 1
        }
        return nil
    }

    private static func find(
        in inner: JSONValue, of value: JSONValue, _ name: StaticString, _ named: UsageFormat?, _ depth: Int
    ) -> Found? {
        if named == nil || named == .anthropic, let own = UsageOfTool.anthropics(in: value) { return own }
        guard
            var found = search(inner, named, common, commonNames, depth: depth)
                ?? search(inner, named, rare, rareNames, depth: depth)
        else { return nil }
        found.path = "/\(name)" + found.path
        found.around = found.around ?? value
        if let type = value["type"]?.string, ["message", "message_start", "message_delta"].contains(type) {
            if named == nil, found.format == .purser { found.format = .anthropic }
            if type == "message_start" { found.isFirstEvent = true }
        }
        return found
    }

    private static func format(told meaning: Meaning, by name: StaticString, in value: JSONValue) -> UsageFormat? {
        switch meaning {
        case .format(let format): format
        case .object(let format): value[name]?.kind == .object ? format : nil
        case .number(let format): value[name]?.kind == .number ? format : nil
        case .shared(let formats, let otherwise):
            formats.first { value.fields(among: $0.any) != 0 }?.format ?? otherwise
        case .duration: value["type"]?.string == "duration" ? .openAIResponses : nil
        case .answers(let field, let format):
            value[name]?.elements.contains { $0[field] != nil } ?? false ? format : nil
        case .outputDetails: value[name]?["thinking_tokens"] == nil ? .openAIResponses : .anthropic
        case .tokenDetails: isLangChains(value) ? .langChain : .openAIResponses
        case .inputTokens: camel(value)
        case .chat: isHelicones(value) ? .helicone : .openAIChat
        case .bare: bare(value)
        case .around, .provider: nil
        }
    }

    private static func isLangChains(_ value: JSONValue) -> Bool {
        (["input_token_details", "output_token_details"] as [StaticString]).contains { name in
            (value[name]?.fields(among: [
                "cache_read", "cache_creation", "audio", "reasoning", "priority_cache_read", "flex_cache_read",
                "priority", "flex", "priority_reasoning", "flex_reasoning", "image", "video", "text", "document",
                "ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens",
            ]) ?? 0) != 0
        }
    }

    private static func isHelicones(_ value: JSONValue) -> Bool {
        value["modality_tokens"] != nil || value["prompt_tokens_details"]?["cache_write_details"] != nil
    }

    /// Who wrote `inputTokens` and `outputTokens`. The wholes alone mean the same in all of them.
    private static func camel(_ value: JSONValue) -> UsageFormat {
        func has(_ names: StaticString...) -> Bool { value.fields(among: names) != 0 }
        if has("inputDetails", "outputDetails") { return .mastra }
        if has("reasoningOutputTokens") || has("cachedInputTokens") && has("cacheWriteInputTokens") { return .codex }
        if has("cacheCreationInputTokens", "webSearchRequests", "costUSD") { return .claudeCode }
        let isObject = value["inputTokens"]?.kind == .object || value["outputTokens"]?.kind == .object
        let isVercels = has(
            "inputTokenDetails", "outputTokenDetails", "inputTokensDetails", "outputTokensDetails", "cachedInputTokens",
            "reasoningTokens")
        return isObject || isVercels ? .vercel : .bedrock
    }

    private static func bare(_ value: JSONValue) -> UsageFormat {
        func has(_ names: [StaticString]) -> Bool { value.fields(among: names) != 0 }
        if has(codexNames) { return .codex }
        if has(["input_audio_tokens", "cache_audio_read_tokens", "output_audio_tokens"])
            || value["details"]?.kind == .object
        {
            return .pydanticAI
        }
        if has(["cache_creation_tokens"]) { return .claudeCode }
        // Of the providers that send these names, only Anthropic sends the tier, the speed or the passes next to them.
        return has(["service_tier", "speed", "iterations"]) ? .anthropic : .purser
    }
}
