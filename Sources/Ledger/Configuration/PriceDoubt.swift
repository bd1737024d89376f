import Accounting
import Wording

/// Prices that are probably a mistake, such as one for a thousand tokens in the place of one for a million. They are taken
/// only if the caller says that they are meant.
package struct PriceDoubt: Error, CustomStringConvertible {
    /// At least one sentence, each about one price.
    package let sentences: [String]

    package var description: String { sentences.joined(separator: " ") }

    /// A price that changes by more than this factor, up or down, is doubted.
    private static let changeFactor: Int128 = 100
    /// A price of tokens that is this many times what nearly all models cost is doubted.
    private static let classFactor: Int128 = 1_000
    /// Of how many models in a thousand the price is looked at, from the cheapest on.
    private static let usualPermille = 990
    /// Fewer models say nothing of what is usual.
    private static let leastModels = 50
    private static let maximumSentences = 20

    /// Throws if any added row is doubtful. `book` is the price book with them.
    static func check(_ added: [PriceStore.AddedRow], in book: [ModelName: [Price]]) throws(PriceDoubt) {
        let usual = usualPrices(book, without: Set(added.map(\.model)))
        let sentences = added.lazy.compactMap { row in doubt(row, usual: usual[row.meter]) }.prefix(maximumSentences)
        if !sentences.isEmpty { throw PriceDoubt(sentences: Array(sentences)) }
    }

    private static func doubt(_ row: PriceStore.AddedRow, usual: Int64?) -> String? {
        let price = Int128(row.femtodollarsPerUnit)
        let what = "\(row.meter) of \(row.model) (\(row.serviceTier))"
        if let former = row.formerFemtodollarsPerUnit.map({ Int128($0) }), former > 0, price > 0,
            price > former * changeFactor || former > price * changeFactor
        {
            let (more, times) = price > former ? ("more", price / former) : ("less", former / price)
            return
                "\(what) would cost \(times) times \(more) than before: \(usd(row.femtodollarsPerUnit)) USD for one, not "
                + "\(usd(row.formerFemtodollarsPerUnit ?? 0))."
        }
        if let usual, price > Int128(usual) * classFactor {
            return
                "\(what) would cost \(usd(row.femtodollarsPerUnit)) USD for one, \(price / Int128(usual)) times what 99 of "
                + "100 models cost at most: \(usd(usual))."
        }
        return nil
    }

    /// By meter of tokens, what nearly all models of the book cost at most.
    private static func usualPrices(
        _ book: [ModelName: [Price]], without models: Set<ModelName>
    ) -> [String: Int64] {
        var prices: [String: [Int64]] = [:]
        for (model, rows) in book where !models.contains(model) {
            for row in rows where row.tier == .standard && row.meter.name.hasSuffix("_tokens") {
                prices[row.meter.name, default: []].append(row.femtodollarsPerUnit)
            }
        }
        return prices.compactMapValues { prices in
            let priced = prices.filter { $0 > 0 }.sorted()
            return priced.count < leastModels ? nil : priced[priced.count * usualPermille / 1_000]
        }
    }

    private static func usd(_ femtodollars: Int64) -> String { FixedPoint.text(femtodollars, places: Price.places) }
}
