import JSON

/// Completes what a provider's object leaves open, and tells what it says and nobody read.
extension UsageReader {
    /// Where only a total is known, its tokens count as `unsplit`. Counts that are null, and parts of a stream, leave the
    /// call without a price.
    mutating func complete(_ parts: inout UsageParts, _ format: UsageFormat) {
        completeNulls(&parts, isTotalOfTool: format.isTable)
        if Self.lacksInput(value, format), parts.output > 0, parts.total == 0 { isPartial = true }
        if parts.input == 0, parts.output == 0, parts.total > 0, passes.isEmpty {
            parts.set(.unsplit, parts.total)
            parts.differenceTokens = 0
        }
        if isPartial { parts.set(.unreported, max(1, parts[.unreported])) }
        parts.fit(isCacheBeside: format.isTable)
        for index in passes.indices { passes[index].fit(isCacheBeside: false) }
    }

    /// A total can tell the count that is null.
    private mutating func completeNulls(_ parts: inout UsageParts, isTotalOfTool: Bool) {
        guard let first = nullWholes.first else { return }
        let excess = parts.total - parts.input - parts.output
        // A tool adds its total up from what it has: without more than that it proves nothing.
        if isTotalOfTool, excess <= 0 {
            parts.set(.unreported, Int64(nullWholes.count))
        } else if parts.total > 0, nullWholes.allSatisfy({ $0.side == first.side }) {
            if excess > 0 {
                parts.add(first.side, excess)
                parts.differenceTokens = 0
            }
            nullWholes = []
        } else if parts.total > 0 {
            // Both are null: the total stands for both.
            nullWholes = []
        } else {
            parts.set(.unreported, Int64(nullWholes.count))
        }
    }

    /// Whether an object of a provider that always says its prompt does not.
    private static func lacksInput(_ value: JSONValue, _ format: UsageFormat) -> Bool {
        switch format {
        case .openAIChat: value.fields(among: ["prompt_tokens", "prompt_cache_miss_tokens", "pages_processed"]) == 0
        case .bedrock:
            value.fields(among: [
                "inputTokens", "inputTokenCount", "cacheReadInputTokens", "cacheReadInputTokenCount",
                "cacheWriteInputTokens", "cacheWriteInputTokenCount",
            ]) == 0
        default: false
        }
    }

    /// What an answer must say of this object.
    func warnings(_ parts: UsageParts, unknownTier: String?) -> [CallWarning] {
        var warnings: [CallWarning] = []
        let unread = unreadFields()
        if !unread.isEmpty {
            warnings.append(
                CallWarning(
                    .unreadFields,
                    "The usage object has counts that Purser does not know, and that are not in the cost: \(unread.joined(separator: ", ")).",
                    fields: unread))
        }
        if let more = UsageOfTool.tokens(beside: value, in: around?.value, beyond: parts) {
            warnings.append(
                CallWarning(
                    .totalDiffers,
                    "The tool that passed the usage on counts \(more) more tokens than the provider's own object in it.",
                    residualTokens: more))
        }
        let residual = parts.residualTokens
        if residual != 0 {
            let more = residual > 0 ? "\(residual) more" : "\(-residual) fewer"
            warnings.append(
                CallWarning(
                    .totalDiffers, "The provider counts \(more) tokens than the parts of its usage object.",
                    residualTokens: residual))
        }
        if !nullWholes.isEmpty {
            let paths = nullWholes.map(\.path)
            warnings.append(
                CallWarning(
                    .nullCounts,
                    "The provider left out what it charges for, so the call is unpriced: \(paths.joined(separator: ", ")).",
                    fields: paths))
        }
        if isPartial {
            warnings.append(
                CallWarning(
                    .partialStream,
                    "This is only a part of what the stream said of its usage, so the call is unpriced."))
        }
        if let unknownTier {
            warnings.append(
                CallWarning(
                    .unknownServiceTier,
                    "The provider names a class of service that Purser does not know: \(unknownTier). The call is priced as it was authorized."
                ))
        }
        return warnings
    }

    /// The paths of counts in the usage object that nobody read; at most `JSONFields.maximumErrors`. An object of which
    /// everything was read costs no allocation here.
    private func unreadFields() -> [String] {
        var unread: [String] = []
        collectUnread(in: value, path: { "" }, to: &unread)
        if let around { unread += UsageOfTool.unreadTokens(beside: around.value) }
        return unread
    }

    private func collectUnread(in value: JSONValue, path: () -> String, to unread: inout [String]) {
        func inside(_ name: String) -> String {
            let outer = path()
            return outer.isEmpty ? name : "\(outer)/\(name)"
        }
        if value.kind == .object {
            value.forEachField { name, inner in
                if inner.kind == .object || inner.kind == .array {
                    guard !UsageSilence.isSilent(group: name) else { return }
                    collectUnread(in: inner, path: { inside(JSONFields.escaped(name.string ?? "")) }, to: &unread)
                } else if isUnread(inner), !UsageSilence.isSilent(field: name) {
                    if unread.count < JSONFields.maximumErrors {
                        unread.append(inside(JSONFields.escaped(name.string ?? "")))
                    }
                }
            }
        } else if value.kind == .array {
            for (index, inner) in value.elements.enumerated() {
                if inner.kind == .object || inner.kind == .array {
                    collectUnread(in: inner, path: { inside("\(index)") }, to: &unread)
                } else if isUnread(inner), unread.count < JSONFields.maximumErrors {
                    unread.append(inside("\(index)"))
                }
            }
        }
    }

    private func isUnread(_ value: JSONValue) -> Bool { !marks.contains(value.place) && value.isCount }
}
