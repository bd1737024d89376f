/// One effective-dated row of the price book; never edited, only followed or put right by another (`PriceSuccession`).
package struct Price: Hashable, Sendable {
    /// Of its amount in USD.
    package static let places = 15
    /// 1000 USD for one token or one piece. Rating doubles a price in 64 bits, where that has room.
    package static let maximumFemtodollarsPerUnit: Int64 = 1_000_000_000_000_000_000

    package let id: Int64
    package let model: ModelName
    package let meter: Meter
    package let tier: ServiceTier
    /// The row applies to calls whose whole prompt is strictly larger than this; 0 applies to all.
    package let aboveContextTokens: Int64
    /// Where the call is processed, as the provider names it; nil applies everywhere, after the row of a call's region.
    package let region: String?
    /// When the row applies, before one that always does; nil for always.
    package let hours: WeeklyHours?
    /// In 1e-15 USD.
    package let femtodollarsPerUnit: Int64
    package let validFrom: Timestamp
    /// Exclusive; nil where no end is known.
    package let validUntil: Timestamp?

    package init(
        id: Int64, model: ModelName, meter: Meter, tier: ServiceTier, aboveContextTokens: Int64,
        region: String? = nil, hours: WeeklyHours? = nil, femtodollarsPerUnit: Int64, validFrom: Timestamp,
        validUntil: Timestamp?
    ) {
        self.id = id
        self.model = model
        self.meter = meter
        self.tier = tier
        self.aboveContextTokens = aboveContextTokens
        self.region = region
        self.hours = hours
        self.femtodollarsPerUnit = femtodollarsPerUnit
        self.validFrom = validFrom
        self.validUntil = validUntil
    }

    package func isValid(at moment: Timestamp) -> Bool {
        validFrom <= moment && (validUntil.map { moment < $0 } ?? true)
    }

    /// Whether it is for a larger context at the same place and time: a tier's price for shorter prompts says nothing of
    /// longer ones.
    func isForLongerPrompts(than other: Price) -> Bool {
        aboveContextTokens > other.aboveContextTokens && region == other.region && hours == other.hours
    }

    /// Whether it goes before `other`, where both are for the same call: the closer to the call, then the newer one.
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

    /// What follows `provider/` in `name`; nil where it does not begin so.
    static func withoutPrefix(_ provider: String, _ name: String) -> String? {
        guard name.utf8.count > provider.utf8.count, name.utf8.starts(with: provider.utf8) else { return nil }
        let slash = name.utf8.index(name.startIndex, offsetBy: provider.utf8.count)
        return name.utf8[slash] == UInt8(ascii: "/") ? String(name[name.utf8.index(after: slash)...]) : nil
    }

    package static func < (left: ModelName, right: ModelName) -> Bool {
        (left.provider, left.model) < (right.provider, right.model)
    }
}
