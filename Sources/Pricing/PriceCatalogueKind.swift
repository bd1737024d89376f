/// The two catalogues that the price book is made from, told apart by the text that stands with each of their prices.
package enum PriceCatalogueKind: String, Sendable, CaseIterable {
    case litellm
    case genaiPrices = "genai-prices"

    /// How the text of each of its sources begins.
    var beginning: String {
        switch self {
        case .litellm: "the price map of litellm"
        case .genaiPrices: "genai-prices"
        }
    }

    /// Nil for figures of anybody else: a provider's own page, or what an operator wrote down.
    package init?(source text: String) {
        guard let kind = Self.allCases.first(where: { text.hasPrefix($0.beginning) }) else { return nil }
        self = kind
    }
}
