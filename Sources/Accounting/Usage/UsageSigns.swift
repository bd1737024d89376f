import JSON

/// Finds the usage object in what a router sends, and its format, by the names of its fields.
enum UsageSigns {
    /// What one field name says by itself.
    private enum Meaning {
        case format(UsageFormat)
        /// Says the format only if the field is an object, because a meter may have the same name.
        case object(UsageFormat)
        /// A transcription charged by its length, if the object says so; otherwise any meter.
        case duration
        /// Both OpenAI and Anthropic use this field. Anthropic's contains thinking tokens.
        case outputDetails
        /// The wholes, which mean the same in every format that has them.
        case bare
        /// The usage object is inside this field.
        case around
    }

    /// Every name that says something. If an object has several, the first in this table decides.
    private static let table: [(name: StaticString, meaning: Meaning)] = [
        ("prompt_tokens", .format(.openAIChat)), ("completion_tokens", .format(.openAIChat)),
        ("prompt_audio_seconds", .format(.openAIChat)), ("pages_processed", .format(.openAIChat)),
        ("promptTokenCount", .format(.gemini)), ("candidatesTokenCount", .format(.gemini)),
        ("totalTokenCount", .format(.gemini)), ("prompt_token_count", .format(.gemini)),
        ("candidates_token_count", .format(.gemini)), ("total_token_count", .format(.gemini)),
        ("total_input_tokens", .format(.gemini)), ("total_output_tokens", .format(.gemini)),
        ("billableCharacterCount", .format(.gemini)), ("billable_character_count", .format(.gemini)),
        ("inputTokens", .format(.bedrock)), ("outputTokens", .format(.bedrock)),
        ("inputTokenCount", .format(.bedrock)), ("outputTokenCount", .format(.bedrock)),
        ("billed_units", .object(.cohere)), ("input_tokens_details", .format(.openAIResponses)),
        ("input_token_details", .format(.openAIResponses)), ("output_token_details", .format(.openAIResponses)),
        ("total_tokens", .format(.openAIResponses)), ("cache_creation_input_tokens", .format(.anthropic)),
        ("cache_read_input_tokens", .format(.anthropic)), ("cache_creation", .format(.anthropic)),
        ("server_tool_use", .format(.anthropic)), ("inference_geo", .format(.anthropic)),
        ("message_delta", .object(.anthropic)), ("message_start", .object(.anthropic)),
        ("output_tokens_details", .outputDetails), ("cost_in_usd_ticks", .format(.openAIResponses)),
        ("input_tokens", .bare), ("output_tokens", .bare), ("usage", .around), ("usageMetadata", .around),
        ("usage_metadata", .around), ("usage_info", .around), ("amazon-bedrock-invocationMetrics", .around),
        ("x_groq", .around), ("response", .around), ("message", .around), ("metadata", .around), ("delta", .around),
        ("meta", .around), ("body", .around), ("result", .around), ("tokens", .object(.cohere)), ("seconds", .duration),
    ]
    private static let names = table.map(\.name)

    /// A usage object, and its place in what was sent.
    struct Found {
        let usage: JSONValue
        let format: UsageFormat
        /// The pointer to the usage object; empty if it is all that was sent.
        var path = ""
        /// The object that directly contains it; nil if the usage object is all that was sent.
        var around: JSONValue?
    }

    /// A line of a batch contains its response, which contains its body, which contains its usage. No usage is nested
    /// deeper.
    private static let maximumDepth = 4

    /// Finds the usage object in `value`. Determines its format too, unless `named` already gives it.
    static func find(in value: JSONValue, named: UsageFormat?) -> Found {
        let direct = Found(usage: value, format: named ?? .purser)
        return named == .purser ? direct : search(value, named, depth: maximumDepth) ?? direct
    }

    private static func search(_ value: JSONValue, _ named: UsageFormat?, depth: Int) -> Found? {
        var signs = value.fields(among: names)
        while signs != 0 {
            let (name, meaning) = table[signs.trailingZeroBitCount]
            if case .around = meaning {
                if depth > 0, let inner = value[name], var found = search(inner, named, depth: depth - 1) {
                    found.path = "/\(name)" + found.path
                    found.around = found.around ?? value
                    return found
                }
            } else if let format = format(told: meaning, by: name, in: value) {
                return Found(usage: value, format: named ?? format)
            }
            signs &= signs - 1
        }
        return nil
    }

    private static func format(told meaning: Meaning, by name: StaticString, in value: JSONValue) -> UsageFormat? {
        switch meaning {
        case .format(let format): format
        case .object(let format): value[name]?.kind == .object ? format : nil
        case .duration: value["type"]?.string == "duration" ? .openAIResponses : nil
        case .outputDetails: value[name]?["thinking_tokens"] == nil ? .openAIResponses : .anthropic
        // Of the providers that send these names, only Anthropic sends the tier next to them.
        case .bare: value["service_tier"] == nil ? .purser : .anthropic
        case .around: nil
        }
    }
}
