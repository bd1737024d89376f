import JSON

/// Reads a usage object of any format into disjoint quantities.
///
/// Sources: each provider's API reference for its `usage` object, as the design's list of traps sums them up.
package struct UsageReader {
    private let value: JSONValue
    private let pointer: String
    /// What is wrong so far; the quantities count only while this is empty.
    private var errors: [FieldError] = []

    /// Reads `value` (an object). Without `format` it is told by its own field names.
    ///
    /// `isKnownMeter` says which names beyond the token meters our own format may use.
    package static func read(
        _ value: JSONValue, format: UsageFormat?, pointer: String, isKnownMeter: (String) -> Bool
    ) throws(JSONFailure) -> Usage {
        guard value.kind == .object else {
            throw .invalid([FieldError(pointer: pointer, detail: "must be an object")])
        }
        var reader = UsageReader(value: value, pointer: pointer)
        let format = format ?? detect(value)
        let totals = reader.split(format, isKnownMeter)
        guard reader.errors.isEmpty else { throw .invalid(reader.errors) }
        return Usage(
            format: format, quantities: totals.quantities, raw: format == .purser ? nil : value.source,
            residualTokens: totals.residualTokens == 0 ? -totals.surplusTokens : totals.residualTokens)
    }

    private init(value: JSONValue, pointer: String) {
        self.value = value
        self.pointer = pointer
    }

    private static func detect(_ value: JSONValue) -> UsageFormat {
        func has(_ names: StaticString...) -> Bool { names.contains { value[$0] != nil } }
        if has("prompt_tokens", "completion_tokens") { return .openAIChat }
        if has("promptTokenCount", "candidatesTokenCount", "totalTokenCount") { return .gemini }
        if has("inputTokens", "outputTokens") { return .bedrock }
        if has("input_tokens_details", "output_tokens_details", "total_tokens") { return .openAIResponses }
        if has("cache_creation_input_tokens", "cache_read_input_tokens", "cache_creation", "server_tool_use") {
            return .anthropic
        }
        return .purser
    }

    private mutating func split(_ format: UsageFormat, _ isKnownMeter: (String) -> Bool) -> UsageParts {
        switch format {
        case .purser: own(isKnownMeter)
        case .openAIChat: openAIChat()
        case .openAIResponses: openAIResponses()
        case .anthropic: anthropic()
        case .gemini: gemini()
        case .bedrock: bedrock()
        }
    }

    // MARK: Reading counts

    private mutating func refuse(_ path: @autoclosure () -> String, _ detail: String) {
        guard errors.count < JSONFields.maximumErrors else { return }
        errors.append(FieldError(pointer: pointer + "/" + path(), detail: detail))
    }

    private mutating func check(_ count: JSONValue, at path: @autoclosure () -> String) -> Int64 {
        if count.isNull { return 0 }
        guard let integer = count.integer else {
            refuse(path(), "must be a whole number")
            return 0
        }
        guard (0...Usage.maximumQuantity).contains(integer) else {
            refuse(path(), "must be between 0 and \(Usage.maximumQuantity)")
            return 0
        }
        return integer
    }

    /// The count of a field, 0 where it is absent or null.
    private mutating func count(_ name: StaticString, in group: StaticString? = nil) -> Int64 {
        let parent = group.map { value[$0] } ?? value
        guard let found = parent?[name] else { return 0 }
        return check(found, at: group.map { "\($0)/\(name)" } ?? "\(name)")
    }

    /// Gemini's lists of `{"modality": "AUDIO", "tokenCount": 5}`.
    private mutating func count(modality: String, in list: StaticString) -> Int64 {
        var sum: Int64 = 0
        for (index, element) in (value[list]?.elements.enumerated().map { $0 } ?? [])
        where element["modality"]?.string == modality {
            if let count = element["tokenCount"] { sum += check(count, at: "\(list)/\(index)/tokenCount") }
        }
        return sum
    }

    // MARK: Formats

    private mutating func own(_ isKnownMeter: (String) -> Bool) -> UsageParts {
        var parts = UsageParts()
        for (name, count) in value.fields {
            let quantity = check(count, at: JSONFields.escaped(name))
            let meter = Meter(name)
            if parts.has(meter) {
                refuse(JSONFields.escaped(name), "is given twice")
            } else if meter.isNamed || isKnownMeter(name) {
                parts.set(meter, quantity)
            } else {
                refuse(JSONFields.escaped(name), "is not a known meter")
            }
        }
        if parts.inputParts > parts.input { refuse("input_tokens", "is smaller than the sum of its parts") }
        if parts.outputParts > parts.output { refuse("output_tokens", "is smaller than the sum of its parts") }
        return parts
    }

    private mutating func openAIChat() -> UsageParts {
        var parts = UsageParts()
        parts.set(.input, count("prompt_tokens"))
        parts.set(.output, count("completion_tokens"))
        // DeepSeek tells cache hits beside the prompt instead of inside its details.
        let cached = count("cached_tokens", in: "prompt_tokens_details")
        parts.set(.cacheRead, cached > 0 ? cached : count("prompt_cache_hit_tokens"))
        parts.set(.cacheWrite, count("cache_write_tokens", in: "prompt_tokens_details"))
        parts.set(.audioInput, count("audio_tokens", in: "prompt_tokens_details"))
        parts.set(.imageInput, count("image_tokens", in: "prompt_tokens_details"))
        let reasoning = count("reasoning_tokens", in: "completion_tokens_details")
        parts.set(.reasoning, reasoning)
        parts.set(.audioOutput, count("audio_tokens", in: "completion_tokens_details"))
        parts.compare(with: count("total_tokens"))
        if reasoning > 0, parts.residualTokens == reasoning {
            // Some providers count reasoning beside the completion; only their total shows it.
            parts.set(.output, parts.output + reasoning)
            parts.compare(with: count("total_tokens"))
        }
        return parts
    }

    private mutating func openAIResponses() -> UsageParts {
        var parts = UsageParts()
        parts.set(.input, count("input_tokens"))
        parts.set(.output, count("output_tokens"))
        parts.set(.cacheRead, count("cached_tokens", in: "input_tokens_details"))
        parts.set(.cacheWrite, count("cache_write_tokens", in: "input_tokens_details"))
        parts.set(.audioInput, count("audio_tokens", in: "input_tokens_details"))
        parts.set(.imageInput, count("image_tokens", in: "input_tokens_details"))
        parts.set(.reasoning, count("reasoning_tokens", in: "output_tokens_details"))
        parts.set(.audioOutput, count("audio_tokens", in: "output_tokens_details"))
        parts.compare(with: count("total_tokens"))
        return parts
    }

    private mutating func anthropic() -> UsageParts {
        var parts = UsageParts()
        let read = count("cache_read_input_tokens")
        let writes = count("cache_creation_input_tokens")
        let writes5m = count("ephemeral_5m_input_tokens", in: "cache_creation")
        let writes1h = count("ephemeral_1h_input_tokens", in: "cache_creation")
        // Older answers have the sum alone, which is 5-minute writes.
        let written = max(writes, writes5m + writes1h)
        parts.set(.input, count("input_tokens") + read + written)
        parts.set(.cacheRead, read)
        parts.set(.cacheWrite, written - writes1h)
        parts.set(.cacheWrite1h, writes1h)
        parts.set(.output, count("output_tokens"))
        parts.set(.webSearches, count("web_search_requests", in: "server_tool_use"))
        if value["cache_creation"] != nil, writes > 0, writes != writes5m + writes1h {
            parts.residualTokens = writes - writes5m - writes1h
        }
        return parts
    }

    private mutating func gemini() -> UsageParts {
        var parts = UsageParts()
        let thoughts = count("thoughtsTokenCount")
        parts.set(.input, count("promptTokenCount") + count("toolUsePromptTokenCount"))
        parts.set(.cacheRead, count("cachedContentTokenCount"))
        let cachedAudio = count(modality: "AUDIO", in: "cacheTokensDetails")
        let cachedImage = count(modality: "IMAGE", in: "cacheTokensDetails")
        parts.set(.audioInput, max(0, count(modality: "AUDIO", in: "promptTokensDetails") - cachedAudio))
        parts.set(.imageInput, max(0, count(modality: "IMAGE", in: "promptTokensDetails") - cachedImage))
        parts.set(.output, count("candidatesTokenCount") + thoughts)
        parts.set(.reasoning, thoughts)
        parts.set(.audioOutput, count(modality: "AUDIO", in: "candidatesTokensDetails"))
        parts.compare(with: count("totalTokenCount"))
        return parts
    }

    private mutating func bedrock() -> UsageParts {
        var parts = UsageParts()
        let read = count("cacheReadInputTokens")
        let written = count("cacheWriteInputTokens")
        var writes1h: Int64 = 0
        for (index, element) in (value["cacheDetails"]?.elements.enumerated().map { $0 } ?? [])
        where element["ttl"]?.string == "1h" {
            if let count = element["inputTokens"] { writes1h += check(count, at: "cacheDetails/\(index)/inputTokens") }
        }
        parts.set(.input, count("inputTokens") + read + written)
        parts.set(.cacheRead, read)
        parts.set(.cacheWrite, max(0, written - writes1h))
        parts.set(.cacheWrite1h, min(written, writes1h))
        parts.set(.output, count("outputTokens"))
        // "The total of input tokens and tokens generated": some models' totals leave the cache out, some do not.
        let total = count("totalTokens")
        if total != count("inputTokens") + parts.output { parts.compare(with: total) }
        return parts
    }
}
