import Accounting
import JSON

/// One model of the catalogue, as a model of a price file.
///
/// The catalogue lists a model's prices in an order: of those whose condition holds, the last applies. A condition is a
/// day from which it holds, or hours of the day. The file has one entry for each span between such days.
struct PriceCatalogueModel {
    let model: PriceFile.Model
    /// What seems to concern the price and was not taken over.
    private(set) var notTaken: Set<String> = []

    /// - Parameter taken: the names of all models of the provider, without capitals.
    init(_ value: JSONValue, name: String, taken: Set<String>) throws(PriceMapEntry.Skip) {
        guard PriceFile.isName(name) else { throw PriceMapEntry.Skip("a name Purser does not take") }
        guard !Self.isForeign(value["price_comments"]?.string ?? "") else {
            throw PriceMapEntry.Skip("a price of OpenRouter's, which nobody verified at the provider")
        }
        guard let stated = value["prices"] else { throw PriceMapEntry.Skip("has no prices") }
        let listed =
            stated.kind == .array
            ? stated.elements.map { PriceCatalogueOffer($0) } : [PriceCatalogueOffer(plain: stated)]
        let variants = value["price_variants"]?.elements.map { PriceCatalogueOffer($0) } ?? []
        var notTaken: Set<String> = []
        for offer in listed + variants where offer.condition == nil {
            notTaken.insert(offer.conditionSource)
        }
        let offers = listed.filter { $0.condition != nil }
        let tiers = variants.filter { $0.condition != nil && $0.tier != nil }
        for variant in variants where variant.tier == nil { notTaken.insert("price_variants \(variant.whenSource)") }

        let days = Set((offers + tiers).compactMap(\.firstDay))
        let starts = [PriceFile.beginning] + days.map(\.startUTC).filter { $0 > PriceFile.beginning }.sorted()
        var lines: [PriceFile.PriceLine] = []
        for (index, start) in starts.enumerated() {
            let end = index + 1 < starts.count ? starts[index + 1] : nil
            var span = PriceCatalogueSpan(from: start, until: end, isLast: end == nil)
            span.add(offers)
            span.add(tiers)
            notTaken.formUnion(span.notTaken)
            lines += span.lines
        }
        if lines.isEmpty, name.hasSuffix(":free") { lines = Self.free }
        guard !lines.isEmpty else { throw PriceMapEntry.Skip("no price of anything that Purser meters") }
        self.notTaken = notTaken
        model = PriceFile.Model(
            name: name, aliases: Self.aliases(value["match"], of: name, taken), maxInputTokens: nil,
            maxOutputTokens: nil, prices: lines)
    }

    /// Whether the catalogue says that it has another seller's price here. Charged as the maker's own, it would be what a
    /// bare name costs.
    private static func isForeign(_ comments: String) -> Bool {
        comments.hasPrefix("Imported from OpenRouter pricing") && !comments.contains("Verified")
    }

    /// A model whose name says that it costs nothing.
    private static var free: [PriceFile.PriceLine] {
        ["input_tokens", "output_tokens"].map { PriceMapEntry.line($0, "standard", 0, 0) }
    }

    /// The other names of the model that its `match` says in full, or begins with. What only has to occur in a name, and
    /// patterns, are no names.
    private static func aliases(_ match: JSONValue?, of name: String, _ taken: Set<String>) -> [String] {
        func names(_ clause: JSONValue) -> [String] {
            if let any = clause["or"] { return any.elements.flatMap(names) }
            return [clause["equals"], clause["starts_with"]].compactMap { $0?.string }
        }
        var known: Set<String> = [name.lowercased()]
        return Set(match.map(names) ?? []).sorted().filter {
            PriceFile.isName($0) && !taken.contains($0.lowercased()) && known.insert($0.lowercased()).inserted
        }
    }
}
