/// What a call consumed, as it was reported: disjoint quantities and where they came from.
package struct Usage: Sendable {
    package let format: UsageFormat
    package let quantities: Quantities
    /// The provider's own object, unchanged; nil for our own format.
    package let raw: String?
    /// Tokens by which the provider's own total differs from the sum of its parts; 0 where they agree.
    package let residualTokens: Int64

    package init(format: UsageFormat, quantities: Quantities, raw: String?, residualTokens: Int64) {
        self.format = format
        self.quantities = quantities
        self.raw = raw
        self.residualTokens = residualTokens
    }

    /// No single quantity may exceed this, so that sums of many stay far from overflow.
    package static let maximumQuantity: Int64 = 1_000_000_000_000
}

/// Whose words a usage object is written in.
package enum UsageFormat: String, Sendable, CaseIterable {
    case purser
    case openAIChat = "openai.chat"
    case openAIResponses = "openai.responses"
    case anthropic
    case gemini
    case bedrock
}
