import JSON

/// Reads a usage object of any format into disjoint quantities. Each format has a file of its own.
///
/// Sources: each provider's API reference and the types of its own client libraries, as named in those files.
package struct UsageReader {
    let value: JSONValue
    /// The object that contains `value`, if a whole response was sent.
    let around: UsageGroup?
    private let pointer: String
    /// The errors found so far. The quantities are valid only if there are none.
    private var errors: [FieldError] = []
    /// Whether the object has any field that the format knows.
    private var isKnown = false

    /// Reads `value` (an object): a usage object, or a response or the last event of a stream that contains one.
    /// Without `format`, the field names determine the format.
    ///
    /// `isKnownMeter` says which names Purser's own format may use in addition to the named meters.
    package static func read(
        _ value: JSONValue, format: UsageFormat?, pointer: String, isKnownMeter: (String) -> Bool
    ) throws(JSONFailure) -> Usage {
        guard value.kind == .object else {
            throw .invalid([FieldError(pointer: pointer, detail: "must be an object")])
        }
        let found = UsageSigns.find(in: value, named: format)
        var reader = UsageReader(found, pointer: pointer)
        let parts = reader.split(found.format, isKnownMeter)
        let quantities = parts.quantities
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
        return Usage(
            format: found.format, quantities: quantities, raw: raw, residualTokens: parts.residualTokens,
            providerCost: reader.providerCost, tier: reader.tier, region: reader.region)
    }

    private init(_ found: UsageSigns.Found, pointer: String) {
        value = found.usage
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
        }
    }

    /// The provider's usage as it was sent, without the model's answer, which is private.
    private var raw: String {
        guard let tools = hostedTools else { return value.source }
        return "{\"usage\": \(value.source), \"tool_usage\": \(tools.value.source)}"
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

    // MARK: Reading counts

    /// `path` starts at the usage object, or at the root if it begins with a slash.
    mutating func refuse(_ path: @autoclosure () -> String, _ detail: String) {
        guard errors.count < JSONFields.maximumErrors else { return }
        let path = path()
        let whole = path.isEmpty ? pointer : path.hasPrefix("/") ? path : "\(pointer)/\(path)"
        errors.append(FieldError(pointer: whole, detail: detail))
    }

    /// Returns a count if it is a whole number in range; null is 0.
    mutating func check(_ count: JSONValue, at path: @autoclosure () -> String) -> Int64 {
        isKnown = true
        if count.isNull { return 0 }
        guard let integer = count.integer else {
            refuse(path(), "must be a whole number")
            return 0
        }
        return bounded(integer, at: path())
    }

    /// A count that the provider writes as a decimal (`5.0`), rounded as `rounding` says.
    mutating func decimal(_ name: StaticString, in group: UsageGroup?, _ rounding: FixedPoint.Rounding) -> Int64 {
        guard let group, let number = group.value[name] else { return 0 }
        isKnown = true
        if number.isNull { return 0 }
        guard number.kind == .number, let count = FixedPoint.scaled(number: number.text, places: 0, rounding: rounding)
        else {
            refuse(group.path(to: name), rounding == .exact ? "must be a whole number" : "must be a number")
            return 0
        }
        return bounded(count, at: group.path(to: name))
    }

    private mutating func bounded(_ count: Int64, at path: @autoclosure () -> String) -> Int64 {
        if (0...Usage.maximumQuantity).contains(count) { return count }
        refuse(path(), "must be between 0 and \(Usage.maximumQuantity)")
        return 0
    }

    /// The count of a field; 0 if the field or its group is absent or null.
    mutating func count(_ name: StaticString, in group: UsageGroup?) -> Int64 {
        guard let group, let found = group.value[name] else { return 0 }
        return check(found, at: group.path(to: name))
    }

    mutating func count(_ name: StaticString) -> Int64 {
        guard let found = value[name] else { return 0 }
        return check(found, at: "\(name)")
    }

    /// A count that may have either of two names. Returns the first that is above 0.
    mutating func count(_ name: StaticString, or other: StaticString, in group: UsageGroup?) -> Int64 {
        let count = count(name, in: group)
        return count > 0 ? count : self.count(other, in: group)
    }

    /// The whole usage object.
    var whole: UsageGroup { UsageGroup(value: value, prefix: "", name: "") }

    func group(_ name: StaticString) -> UsageGroup? { whole.group(name) }
}
