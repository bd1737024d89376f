import Accounting

/// An agreement as requested, before it is stored.
package struct AgreementDraft: Sendable {
    package enum Terms: Hashable, Sendable {
        case share(Fraction)
        case rates([AgreedRate])
    }

    package let name: String
    package let team: String?
    package let provider: String?
    package let model: String?
    package let terms: Terms
    package let validFrom: Timestamp
    package let validUntil: Timestamp?
    /// Free text for readers: where the agreement is written down.
    package let note: String

    package init(
        name: String, team: String?, provider: String?, model: String?, terms: Terms, validFrom: Timestamp,
        validUntil: Timestamp?, note: String
    ) {
        self.name = name
        self.team = team
        self.provider = provider
        self.model = model
        self.terms = terms
        self.validFrom = validFrom
        self.validUntil = validUntil
        self.note = note
    }
}

/// What one unit of a meter costs under an agreement.
package struct AgreedRate: Hashable, Sendable {
    package let meter: String
    package let tier: ServiceTier
    /// The rate applies to prompts strictly larger than this; 0 for all prompts.
    package let aboveContextTokens: Int64
    /// In 1e-15 USD.
    package let femtodollarsPerUnit: Int64
    /// What a call that uses any of the meter is charged for at the least; nil for what the list says.
    package let leastQuantity: Int64?

    package init(
        meter: String, tier: ServiceTier, aboveContextTokens: Int64, femtodollarsPerUnit: Int64,
        leastQuantity: Int64? = nil
    ) {
        self.meter = meter
        self.tier = tier
        self.aboveContextTokens = aboveContextTokens
        self.femtodollarsPerUnit = femtodollarsPerUnit
        self.leastQuantity = leastQuantity
    }
}
