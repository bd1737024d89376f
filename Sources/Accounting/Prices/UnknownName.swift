import Wording

/// What is said of a name that the price book does not have, with the names that may have been meant.
extension PriceBook {
    /// Completes a sentence that begins with the field that names a meter.
    package func unknownMeter(_ name: String) -> String { Meter.unknown(name, among: meterNames) }

    /// Completes a sentence that begins with the field that names a model without any price.
    package func unknownModel(_ name: String, provider: String?) -> String {
        let seller = provider.map { " of \($0)" } ?? ""
        return "is not in the price book: \(name)\(seller)\(hint(for: name, provider: provider))"
    }

    /// The same in a sentence of its own.
    package func unknownModelSentence(_ name: String, provider: String?) -> String {
        let unpriced = absence(of: self.name(of: name, provider: provider))
        return "\(unpriced.beginning)\(hint(for: name, provider: provider))."
    }

    /// A warning with the models that may have been meant; nil where none is near.
    package func modelGuess(_ name: String, provider: String?) -> CallWarning? {
        guard !hint(for: name, provider: provider).isEmpty else { return nil }
        return CallWarning(.modelNotPriced, unknownModelSentence(name, provider: provider))
    }

    package func unknownProviderSentence(_ provider: String) -> String {
        "\(PriceGap.unknownProvider(provider).beginning)\(NearestNames.hint(for: provider, among: providers))."
    }

    /// What a question about a price must be told of a region that no price is for. Calls there cost what they do
    /// everywhere, so it is no error: providers have many regions, and few ask another price in one.
    package func regionWarning(_ region: String?) -> CallWarning? {
        guard let region, !regions.contains(region) else { return nil }
        return CallWarning(
            .unknownRegion,
            "No price is for the region \(region)\(NearestNames.hint(for: region, among: regions)): the price for everywhere is used."
        )
    }

    private func hint(for name: String, provider: String?) -> String {
        if let provider, !isKnownProvider(provider) {
            let hint = NearestNames.hint(for: ProviderName.folded(provider), among: providers)
            if !hint.isEmpty { return hint }
        }
        let folded = ProviderName.folded(name)
        let seller = provider.map(ProviderName.canonical)
        let sold = models.keys.lazy.filter { seller == nil || $0.provider == seller }
        return NearestNames.hint(
            for: folded, among: Set(folded.contains("/") ? sold.map(\.description) : sold.map(\.model)))
    }
}

extension PriceBook.Resolution {
    /// Completes a sentence that begins with a model's name, or with the field that has it: which models it may be.
    package static func choices(_ names: [ModelName]) -> String {
        let isOfOneProvider = Set(names.map(\.provider)).count == 1
        let shown = names.prefix(4).map { isOfOneProvider ? $0.model : $0.provider }
        return "\(isOfOneProvider ? "may be" : "is sold by") \(shown.joined(separator: ", "))"
            + (names.count > shown.count ? " and \(names.count - shown.count) more" : "")
    }
}

extension Meter {
    /// Completes a sentence that begins with the field that names a meter. `others` are the meters that have a price.
    package static func unknown(_ name: String, among others: some Sequence<String> = []) -> String {
        "is not a known meter: \(name.prefix(64))\(NearestNames.hint(for: name, among: known(others)))"
    }

    /// Whether an unknown name is nearly one of a known meter.
    package static func isMisspelt(_ name: String, among others: some Sequence<String>) -> Bool {
        !NearestNames.of(name, among: known(others)).isEmpty
    }

    private static func known(_ others: some Sequence<String>) -> Set<String> {
        Set(named.map(\.name)).union(others)
    }
}
