/// What a call consumed, as it was reported: disjoint quantities and where they came from.
package struct Usage: Sendable {
    package let format: UsageFormat
    package let quantities: Quantities
    /// The provider's own object, unchanged; nil for our own format.
    package let raw: String?
    /// Tokens by which the provider's own total differs from the sum of its parts, negative where its parts are more
    /// than their wholes; 0 where they agree.
    package let residualTokens: Int64
    /// What the provider's own object says the call cost; nil where it does not say.
    package let providerCost: Money?
    /// The class of service the provider's own object says the call was served in; nil where it does not say.
    package let tier: ServiceTier?
    /// Where the provider's own object says the call was processed; nil where it does not say.
    package let region: String?

    package init(
        format: UsageFormat, quantities: Quantities, raw: String?, residualTokens: Int64, providerCost: Money? = nil,
        tier: ServiceTier? = nil, region: String? = nil
    ) {
        self.format = format
        self.quantities = quantities
        self.raw = raw
        self.residualTokens = residualTokens
        self.providerCost = providerCost
        self.tier = tier
        self.region = region
    }

    /// The tier to rate the call by where its reporter names none, of a call authorized for one.
    package func tier(authorized: ServiceTier) -> ServiceTier {
        // What ran in a batch of OpenAI's or Vertex AI's says standard all the same.
        guard let tier, authorized != .batch || tier != .standard else { return authorized }
        return tier
    }

    /// Where to rate the call as processed: what the provider's object says counts where nobody else said it.
    package func region(named region: String?) -> String? { region ?? self.region }

    /// No single quantity may exceed this, so that sums of many stay far from overflow.
    package static let maximumQuantity: Int64 = 1_000_000_000_000
}
