import Accounting

/// Something about the price book that someone should look at.
package struct PriceFinding: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// A price ended before its successor begins.
        case gap
        /// Two prices of one meter, tier and threshold begin at the same time; the one added last counts.
        case overlap
        /// A price is more than ten times the one before it, or less than a tenth.
        case jump
        /// Calls of the last 31 days that could not be priced.
        case unpricedInUse = "unpriced_in_use"
        /// A ladder names a model that several providers sell.
        case ambiguous
    }

    package let kind: Kind
    package let model: String
    /// Nil where it is not known which.
    package let provider: String?
    /// One sentence for the person who keeps the price book.
    package let detail: String
}

extension PriceFinding {
    /// More than this many times its predecessor makes a price a jump.
    private static let jumpFactor: Int128 = 10

    /// What is odd about the rows of a price book, by model, meter, tier and threshold.
    package static func findings(in prices: [Price]) -> [PriceFinding] {
        struct Key: Hashable {
            let model: ModelName
            let meter: String
            let tier: ServiceTier
            let aboveContextTokens: Int64
            let region: String?
            let hours: WeeklyHours?
        }
        let lines = Dictionary(grouping: prices) {
            Key(
                model: $0.model, meter: $0.meter.name, tier: $0.tier, aboveContextTokens: $0.aboveContextTokens,
                region: $0.region, hours: $0.hours)
        }
        func order(_ key: Key) -> (ModelName, String, String, Int64, String) {
            let place = "\(key.region ?? "") \(key.hours?.description ?? "")"
            return (key.model, key.meter, key.tier.rawValue, key.aboveContextTokens, place)
        }
        return lines.keys.sorted { order($0) < order($1) }.flatMap { key in
            findings(inSuccession: lines[key]!.sorted { ($0.validFrom, $0.id) < ($1.validFrom, $1.id) })
        }
    }

    /// Of the rows of one meter, tier and threshold, in the order in which they take over from each other.
    private static func findings(inSuccession prices: [Price]) -> [PriceFinding] {
        var findings: [PriceFinding] = []
        var coveredUntil = prices[0].validUntil
        for (price, next) in zip(prices, prices.dropFirst()) {
            coveredUntil = later(coveredUntil, price.validUntil)
            if price.validFrom == next.validFrom {
                guard price.femtodollarsPerUnit != next.femtodollarsPerUnit else { continue }
                findings.append(
                    PriceFinding(
                        .overlap, next,
                        "\(usd(price)) and \(usd(next)) both begin at \(next.validFrom); the latter counts"))
                continue
            }
            if let coveredUntil, coveredUntil < next.validFrom {
                findings.append(PriceFinding(.gap, next, "no price from \(coveredUntil) until \(next.validFrom)"))
            }
            // Of several that begin together only the last was ever in force.
            let successor = prices.last { $0.validFrom == next.validFrom }!
            let (before, after) = (Int128(price.femtodollarsPerUnit), Int128(successor.femtodollarsPerUnit))
            if max(before, after) > min(before, after) * jumpFactor {
                findings.append(
                    PriceFinding(.jump, next, "from \(usd(price)) to \(usd(successor)) at \(next.validFrom)"))
            }
        }
        return findings
    }

    /// Nil is no end at all.
    private static func later(_ left: Timestamp?, _ right: Timestamp?) -> Timestamp? {
        guard let left, let right else { return nil }
        return max(left, right)
    }

    private static func usd(_ price: Price) -> String {
        "\(FixedPoint.text(price.femtodollarsPerUnit, places: Price.places)) USD"
    }

    private init(_ kind: Kind, _ price: Price, _ detail: String) {
        let threshold = price.aboveContextTokens == 0 ? "" : " above \(price.aboveContextTokens) tokens"
        let place = (price.region.map { " in \($0)" } ?? "") + (price.hours.map { " on \($0)" } ?? "")
        self.init(
            kind: kind, model: price.model.model, provider: price.model.provider,
            detail: "\(price.meter.name), \(price.tier.rawValue)\(threshold)\(place): \(detail)")
    }
}
