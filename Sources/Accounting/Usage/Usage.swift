/// What a call consumed, as reported: disjoint quantities and where they came from.
package struct Usage: Sendable {
    package let format: UsageFormat
    package let quantities: Quantities
    /// The provider's own object, unchanged; nil for Purser's own format.
    package let raw: String?
    /// The tokens by which the provider's own total differs from the sum of its parts. 0 if they agree, negative if the
    /// parts exceed their wholes.
    package let residualTokens: Int64
    /// What the call cost according to the provider's own object; nil if the object does not say.
    package let providerCost: Money?
    /// The class of service according to the provider's own object; nil if the object does not say.
    package let tier: ServiceTier?
    /// Where the call was processed according to the provider's own object; nil if the object does not say.
    package let region: String?
    /// What the object says that was not understood, and what it leaves out.
    package let warnings: [CallWarning]

    package init(
        format: UsageFormat, quantities: Quantities, raw: String?, residualTokens: Int64, providerCost: Money? = nil,
        tier: ServiceTier? = nil, region: String? = nil, warnings: [CallWarning] = []
    ) {
        self.format = format
        self.quantities = quantities
        self.raw = raw
        self.residualTokens = residualTokens
        self.providerCost = providerCost
        self.tier = tier
        self.region = region
        self.warnings = warnings
    }

    /// The tier to rate the call by if its reporter names none. `authorized` is the tier that the call was authorized
    /// for.
    package func tier(authorized: ServiceTier) -> ServiceTier {
        // For calls in a batch, OpenAI and Vertex AI still report the standard tier.
        guard let tier, authorized != .batch || tier != .standard else { return authorized }
        return tier
    }

    /// The region to rate the call by. The region in the provider's object applies only if nobody else named one.
    package func region(named region: String?) -> String? { region ?? self.region }

    /// No single quantity may ever exceed this, whatever `CallLimits` are set.
    package static let maximumQuantity: Int64 = 1_000_000_000_000

    /// The longest object of a provider that is taken. It is kept with the entry, and waits in memory until then. Real
    /// ones have one or two thousand bytes.
    package static let maximumRawBytes = 16 << 10
}
