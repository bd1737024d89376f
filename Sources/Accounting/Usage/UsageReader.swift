import JSON

/// Reads a usage object of any format into disjoint quantities. Each format has a file of its own.
///
/// Whatever an object says and nobody read is told (`UsageReader+Telling`).
///
/// Sources: each provider's API reference and the types of its own client libraries, as named in those files.
package struct UsageReader {
    let value: JSONValue
    /// The object that contains `value`, if a whole response was sent.
    let around: UsageGroup?
    let pointer: String
    /// Nil where the usage is not of one call.
    let limits: CallLimits?
    /// The errors found so far. The quantities are valid only if there are none.
    private var errors: [FieldError] = []
    /// Whether the object has any field that the format knows.
    private var isKnown = false
    /// The values that were read, or that are known to say nothing new.
    var marks = ReadMarks()
    /// The paths of counts of whole prompts and outputs that are null.
    var nullWholes: [(path: String, side: Meter)] = []
    /// Whether the object is only a part of what a stream says of its usage.
    var isPartial = false
    /// Whether the object was sent inside the first event of a stream of Anthropic's.
    let isFirstEvent: Bool
    /// The passes of a call that made several over its model; empty for any other call.
    var passes: [UsageParts] = []
    /// What was counted in the answer, beside the usage object.
    var countedBeside: [Quantities.Line] = []

    /// Reads `value` (an object): a usage object, or a response or the last event of a stream that contains one.
    /// Without `format`, the field names determine the format.
    ///
    /// `isKnownMeter` says which names Purser's own format may use in addition to the named meters.
    package static func read(
        _ value: JSONValue, format: UsageFormat?, pointer: String, isKnownMeter: (String) -> Bool,
        limits: CallLimits? = nil
    ) throws(JSONFailure) -> Usage {
        guard value.kind == .object else {
            throw .invalid([FieldError(pointer: pointer, detail: "must be an object")])
        }
        let found = UsageSigns.find(in: value, named: format)
        var reader = UsageReader(found, pointer: pointer, limits)
        var parts = reader.split(found.format, isKnownMeter)
        if found.format != .purser { reader.complete(&parts, found.format) }
        let quantities = reader.quantities(of: parts)
        reader.check(quantities, found.format)
        guard reader.errors.isEmpty else { throw .invalid(reader.errors) }
        guard found.format != .purser else {
            return Usage(format: .purser, quantities: quantities, raw: nil, residualTokens: 0)
        }
        let raw = reader.raw
        guard raw.utf8.count <= Usage.maximumRawBytes else {
            let detail =
                "is larger than \(Usage.maximumRawBytes / 1024) KiB: it must be the provider's usage object alone"
            throw .invalid([FieldError(pointer: reader.pointer, detail: detail)])
        }
        let (providerCost, tier) = (reader.providerCost(), reader.tier())
        return Usage(
            format: found.format, quantities: quantities, raw: raw, residualTokens: parts.residualTokens,
            providerCost: providerCost, tier: tier.known, region: reader.region,
            warnings: reader.warnings(parts, unknownTier: tier.unknown))
    }

    private init(_ found: UsageSigns.Found, pointer: String, _ limits: CallLimits?) {
        self.limits = limits
        value = found.usage
        isFirstEvent = found.isFirstEvent
        self.pointer = pointer + found.path
        let end = found.path.utf8.lastIndex(of: UInt8(ascii: "/"))
        around = found.around.map { around in
            UsageGroup(value: around, prefix: pointer + (end.map { found.path[..<$0] } ?? ""), name: "")
        }
    }

    private mutating func split(_ format: UsageFormat, _ isKnownMeter: (String) -> Bool) -> UsageParts {
        switch format {
        case .purser: own(isKnownMeter)
        case .openAIChat: openAIChat()
        case .openAIResponses: openAIResponses()
        case .anthropic: anthropic()
        case .gemini: gemini()
        case .bedrock: bedrock()
        case .cohere: cohere()
        case .vercel, .langChain, .codex, .claudeCode, .geminiCLI, .pydanticAI, .openInference, .openTelemetry,
            .langfuse,
            .mastra, .microsoft, .helicone, .llama, .titan, .ollama, .watsonx:
            UsageWords.table(of: format, for: value).map { words($0) } ?? UsageParts()
        }
    }

    private func quantities(of parts: UsageParts) -> Quantities {
        guard passes.count > 1 else { return parts.quantities }
        var quantities = Quantities()
        for pass in passes { quantities.add(pass: pass.quantities) }
        for line in parts.quantities.lines where !line.meter.isOfInput && !line.meter.isOfOutput {
            quantities.add(line.meter, line.quantity)
        }
        return quantities
    }

    /// The provider's usage as it was sent, with what was counted beside it, but without the model's answer, which is
    /// private.
    private var raw: String {
        var beside = hostedTools.map { [", \"tool_usage\": \($0.value.source)"] } ?? []
        beside += countedBeside.map { ", \"\($0.meter)\": \($0.quantity)" }
        return beside.isEmpty ? value.source : "{\"usage\": \(value.source)\(beside.joined())}"
    }

    /// Refuses an object that says nothing about usage. Such an object does not mean that the call used nothing.
    private mutating func check(_ quantities: Quantities, _ format: UsageFormat) {
        if format != .purser, !isKnown, value.tokenCount > 1 {
            refuse("", "has no field of a usage object of \(format.rawValue)")
        }
        for line in quantities.lines where line.quantity > Usage.maximumQuantity {
            refuse("", "counts more than \(Usage.maximumQuantity) \(line.meter)")
        }
    }

    /// `path` starts at the usage object, or at the root if it begins with a slash.
    mutating func refuse(_ path: @autoclosure () -> String, _ detail: String) {
        guard errors.count < JSONFields.maximumErrors else { return }
        let path = path()
        let whole = path.isEmpty ? pointer : path.hasPrefix("/") ? path : "\(pointer)/\(path)"
        errors.append(FieldError(pointer: whole, detail: detail))
    }

    /// The whole usage object.
    var whole: UsageGroup { UsageGroup(value: value, prefix: "", name: "") }

    func group(_ name: StaticString) -> UsageGroup? { whole.group(name) }

    /// Notes that a value was read, or says nothing new.
    mutating func use(_ value: JSONValue) {
        isKnown = true
        marks.insert(value.place)
    }
}
