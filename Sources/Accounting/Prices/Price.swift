/// One effective-dated row of the price book. A row is never edited; another row follows it or supersedes it
/// (`PriceSupersession`).
package struct Price: Hashable, Sendable {
    /// The decimal places of a price in USD.
    package static let places = 15
    /// 1000 USD for one token or one piece. Rating doubles a price, which must still fit in 64 bits.
    package static let maximumFemtodollarsPerUnit: Int64 = 1_000_000_000_000_000_000

    package static let leastQuantityRange = 1...Usage.maximumQuantity
    package static let leastQuantityExpectation = "a whole number from 1 to \(Usage.maximumQuantity)"

    package let id: Int64
    package private(set) var model: ModelName
    package let meter: Meter
    package let tier: ServiceTier
    /// The row applies to calls whose whole prompt is strictly larger than this; 0 applies to all.
    package let aboveContextTokens: Int64
    /// Where the call is processed, as the provider names the place; nil applies everywhere. A row for the call's
    /// region takes precedence.
    package let region: String?
    /// The hours of the week in which the row applies; nil for always. A row with hours takes precedence over a row
    /// without hours.
    package let hours: WeeklyHours?
    /// In 1e-15 USD.
    package let femtodollarsPerUnit: Int64
    /// A call that uses any of the meter is charged for so much at the least. Nil if the row says nothing of it: then a
    /// list price has no least, and an agreed rate has that of the list. Only meters that do not count tokens have one.
    package let leastQuantity: Int64?
    package let validFrom: Timestamp
    /// Exclusive; nil if no end is known.
    package let validUntil: Timestamp?

    package init(
        id: Int64, model: ModelName, meter: Meter, tier: ServiceTier, aboveContextTokens: Int64,
        region: String? = nil, hours: WeeklyHours? = nil, femtodollarsPerUnit: Int64, leastQuantity: Int64? = nil,
        validFrom: Timestamp, validUntil: Timestamp?
    ) {
        self.id = id
        self.model = model
        self.meter = meter
        self.tier = tier
        self.aboveContextTokens = aboveContextTokens
        self.region = region
        self.hours = hours
        self.femtodollarsPerUnit = femtodollarsPerUnit
        self.leastQuantity = leastQuantity
        self.validFrom = validFrom
        self.validUntil = validUntil
    }

    /// The same row, of a model under another name.
    package func named(_ name: ModelName) -> Price {
        var price = self
        price.model = name
        return price
    }

    package func isValid(at moment: Timestamp) -> Bool {
        validFrom <= moment && (validUntil.map { moment < $0 } ?? true)
    }

    /// Whether this price is for a larger context than `other`, in the same region and hours. A tier's price for
    /// shorter prompts does not apply to longer ones.
    func isForLongerPrompts(than other: Price) -> Bool {
        aboveContextTokens > other.aboveContextTokens && region == other.region && hours == other.hours
    }

    /// Whether this price precedes `other` if both apply to the same call. The more specific price comes first, then
    /// the newer one.
    func goesBefore(_ other: Price) -> Bool {
        if (region == nil) != (other.region == nil) { return region != nil }
        if (hours == nil) != (other.hours == nil) { return hours != nil }
        return (aboveContextTokens, validFrom, id) > (other.aboveContextTokens, other.validFrom, other.id)
    }
}

/// A model as one provider sells it.
package struct ModelName: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let provider: String
    package let model: String

    package init(provider: String, model: String) {
        self.provider = provider
        self.model = model
    }

    package var description: String { "\(provider)/\(model)" }

    /// What follows `provider/` in `name`, by whichever label the provider goes there: litellm's `gemini/` is google's.
    /// Nil if `name` does not begin with it.
    static func withoutPrefix(_ provider: String, _ name: String) -> String? {
        guard let slash = name.utf8.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        let label = name[..<slash]
        guard label == provider || ProviderName.canonical(String(label)) == ProviderName.canonical(provider) else {
            return nil
        }
        return String(name[name.utf8.index(after: slash)...])
    }

    package static func < (left: ModelName, right: ModelName) -> Bool {
        (left.provider, left.model) < (right.provider, right.model)
    }
}
