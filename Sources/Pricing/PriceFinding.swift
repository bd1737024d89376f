import Accounting
import Wording

/// Something about the price book that someone should look at.
package struct PriceFinding: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// A price ended before its successor begins.
        case gap
        /// A price that is new, or to come, is more than ten times the one before it, or less than a tenth.
        case jump
        /// Calls of the last 31 days that could not be priced.
        case unpricedInUse = "unpriced_in_use"
        /// A ladder names a model that several providers sell.
        case ambiguous
        /// The sources of the price book do not agree on a price.
        case disputed
        /// A model that its provider no longer serves, as far as the book knows, was called in the last 31 days.
        case retiredInUse = "retired_in_use"
    }

    package let kind: Kind
    package let model: String
    /// Nil if the provider is not known.
    package let provider: String?
    /// One sentence for the person who keeps the price book.
    package let detail: String

    package init(kind: Kind, model: String, provider: String?, detail: String) {
        self.kind = kind
        self.model = model
        self.provider = provider
        self.detail = detail
    }
}

extension PriceFinding {
    /// A price is a jump if it is more than this many times its predecessor, or less than this part of it.
    private static let jumpFactor: Int128 = 10
    /// A jump is told for so many days. A book with history has changes of years ago, which nobody is to look at any more.
    private static let jumpDays = 92

    /// The findings about the rows of a price book on a day, by rate dimensions. Superseded rows, which are never in
    /// force, are left out.
    package static func findings(in prices: [Price], on day: CalendarDay) -> [PriceFinding] {
        let firstJump = CalendarDay(daysSince1970: day.daysSince1970 - jumpDays).startUTC
        func order(_ place: Price.Place) -> (ModelName, String, String, Int64, String) {
            let rest = "\(place.region ?? "") \(place.hours?.description ?? "")"
            return (place.model, place.meter.name, place.tier.rawValue, place.aboveContextTokens, rest)
        }
        return PriceSupersession.all(of: prices).sorted { order($0.key) < order($1.key) }
            .flatMap { findings(in: $0.value, jumpsSince: firstJump) }
    }

    private static func findings(
        in supersession: PriceSupersession, jumpsSince firstJump: Timestamp
    ) -> [PriceFinding] {
        let prices = supersession.prices
        var findings: [PriceFinding] = []
        var coveredUntil = prices[0].validUntil
        for (price, next) in zip(prices, prices.dropFirst()) {
            coveredUntil = later(coveredUntil, price.validUntil)
            if let coveredUntil, coveredUntil < next.validFrom {
                findings.append(PriceFinding(.gap, next, "no price from \(coveredUntil) until \(next.validFrom)"))
            }
            let (before, after) = (Int128(price.femtodollarsPerUnit), Int128(next.femtodollarsPerUnit))
            if next.validFrom >= firstJump, max(before, after) > min(before, after) * jumpFactor {
                findings.append(PriceFinding(.jump, next, "from \(usd(price)) to \(usd(next)) at \(next.validFrom)"))
            }
        }
        return findings
    }

    /// The later of two ends; nil stands for no end.
    private static func later(_ left: Timestamp?, _ right: Timestamp?) -> Timestamp? {
        guard let left, let right else { return nil }
        return max(left, right)
    }

    private static func usd(_ price: Price) -> String {
        "\(FixedPoint.text(price.femtodollarsPerUnit, places: Price.places)) USD"
    }

    private init(_ kind: Kind, _ price: Price, _ detail: String) {
        let threshold = price.aboveContextTokens == 0 ? "" : " above \(Phrase.count(price.aboveContextTokens, "token"))"
        let place = (price.region.map { " in \($0)" } ?? "") + (price.hours.map { " on \($0)" } ?? "")
        self.init(
            kind: kind, model: price.model.model, provider: price.model.provider,
            detail: "\(price.meter.name), \(price.tier.rawValue)\(threshold)\(place): \(detail)")
    }
}
