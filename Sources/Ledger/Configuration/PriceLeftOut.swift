import Accounting
import Pricing
import Wording

/// Prices that a model of an imported file has and the file does not. They stay as they were: whoever thinks that the file
/// is the model's whole price list must know that it is not.
package struct PriceLeftOut: Sendable, Equatable {
    package let model: ModelName
    /// What is left out: whole tiers, then whole meters, then single places.
    let parts: [String]

    /// A sentence for the person who imports the file.
    package var message: String {
        "\(parts.count > Self.mostNamed ? Phrase.list(parts, most: Self.mostNamed) : Phrase.all(parts)) of "
            + "\(model.model) are not in this file: they stay as they were."
    }

    private static let mostNamed = 5

    /// - Parameters:
    ///   - file: what is imported.
    ///   - book: the rows of the price book by model, with those of the file.
    ///   - moment: prices in force now are looked at, not those of the past.
    static func all(of file: PriceFile, in book: [ModelName: [Price]], at moment: Timestamp) -> [PriceLeftOut] {
        // The book may spell a name with other capitals.
        let known = Dictionary(grouping: book.keys.filter { $0.provider == file.provider }) { $0.model.lowercased() }
        return file.models.compactMap { model in
            let names = known[model.name.lowercased()] ?? []
            let prices = names.flatMap { book[$0] ?? [] }
            let parts = leftOut(by: model, of: prices, at: moment)
            return parts.isEmpty
                ? nil
                : PriceLeftOut(model: ModelName(provider: file.provider, model: model.name), parts: parts)
        }
    }

    private static func leftOut(
        by model: PriceFile.Model, of prices: [Price], at moment: Timestamp
    ) -> [String] {
        // An entry without prices is about something else than prices.
        guard !model.prices.isEmpty else { return [] }
        let places = Set(model.prices.map(\.place))
        // What is no token has its price in several tiers at once, so only prices of tokens say which tiers a file has.
        let tiers = Set(model.prices.filter { Meter($0.meter).isOfTokens }.map(\.serviceTier))
        let meters = Set(model.prices.map(\.meter))
        let left = PriceSupersession.all(of: prices).values.compactMap { rows in
            var rows = rows
            return rows.price(at: moment)
        }.filter {
            !places.contains(PriceFile.PriceLine($0, from: $0.validFrom, until: $0.validUntil, source: "").place)
        }
        let wholeTiers = Set(left.filter(\.meter.isOfTokens).map(\.tier.rawValue)).subtracting(tiers)
        let ofOtherTiers = left.filter { !$0.meter.isOfTokens || !wholeTiers.contains($0.tier.rawValue) }
        let wholeMeters = Set(ofOtherTiers.map(\.meter.name)).subtracting(meters)
        let single = ofOtherTiers.filter { !wholeMeters.contains($0.meter.name) }.map(\.inWords)
        return wholeTiers.sorted().map { "\($0) prices" } + wholeMeters.sorted().map { "prices of \($0)" }
            + single.sorted()
    }
}

extension Price {
    /// `standard prices of input_tokens above 200,000 tokens in eu`
    fileprivate var inWords: String {
        let threshold = aboveContextTokens == 0 ? "" : " above \(Phrase.count(aboveContextTokens, "token"))"
        let place = (region.map { " in \($0)" } ?? "") + (hours.map { " on \($0)" } ?? "")
        return "\(tier.rawValue) prices of \(meter.name)\(threshold)\(place)"
    }
}
