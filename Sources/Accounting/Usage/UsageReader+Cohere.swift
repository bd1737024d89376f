import JSON

/// Sources: `Usage`, `ApiMeta` and their `billed_units` and `tokens` of cohere-python 7.3; docs.cohere.com (how pricing
/// works).
extension UsageReader {
    /// `billed_units` is what Cohere charges. `tokens` also counts what Cohere itself adds around the prompt, so it is
    /// used only if there are no billed units.
    mutating func cohere() -> UsageParts {
        var parts = UsageParts()
        let units = group("billed_units")
        let tokens = units ?? group("tokens")
        if units != nil { supersede(group("tokens")) }
        let images = count("image_tokens", in: units)
        let input = count("input_tokens", in: tokens) + images
        parts.set(.input, input)
        parts.set(.imageInput, images)
        parts.set(.output, count("output_tokens", in: tokens))
        // Cohere counts cached tokens within `tokens`, so they can exceed what it billed.
        parts.set(.cacheRead, min(count("cached_tokens", in: whole), input - images))
        parts.set(.searchUnits, count("search_units", in: units))
        parts.set(.classifications, count("classifications", in: units))
        parts.set(.images, count("images", in: units))
        parts.set(.pages, count("pages", in: units))
        return parts
    }

    /// What Cohere counted is not what it bills.
    private mutating func supersede(_ tokens: UsageGroup?) {
        for name in ["input_tokens", "output_tokens"] as [StaticString] {
            if let found = tokens?.value[name] { use(found) }
        }
    }
}
