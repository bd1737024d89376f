import JSON

/// Sources: `Usage`, `ApiMeta` and their `billed_units` and `tokens` of cohere-python 7.3; docs.cohere.com (how pricing
/// works).
extension UsageReader {
    /// `billed_units` is what Cohere charges. `tokens` also counts what Cohere itself adds around the prompt, so it is
    /// used only if there are no billed units. Both are decimals in Cohere's types.
    mutating func cohere() -> UsageParts {
        var parts = UsageParts()
        let units = group("billed_units")
        let tokens = units ?? group("tokens")
        let images = decimal("image_tokens", in: units, .exact)
        let input = decimal("input_tokens", in: tokens, .exact) + images
        parts.set(.input, input)
        parts.set(.imageInput, images)
        parts.set(.output, decimal("output_tokens", in: tokens, .exact))
        // Cohere counts cached tokens within `tokens`, so they can exceed what it billed.
        parts.set(.cacheRead, min(decimal("cached_tokens", in: whole, .exact), input - images))
        parts.set(.searchUnits, decimal("search_units", in: units, .exact))
        parts.set(.classifications, decimal("classifications", in: units, .exact))
        parts.set(.images, decimal("images", in: units, .exact))
        parts.set(.pages, decimal("pages", in: units, .exact))
        return parts
    }
}
