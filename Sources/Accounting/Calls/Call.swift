/// What a router asks about before it dispatches a call.
package struct Call: Hashable, Sendable {
    package let requestID: String
    package let who: Attribution
    package let model: String
    package let provider: String?
    package let tier: ServiceTier
    /// The whole prompt.
    package let inputTokens: Int64
    /// The part of the prompt the router knows to be cached.
    package let cachedInputTokens: Int64
    /// Nil for the model's own maximum.
    package let maxOutputTokens: Int64?
    /// Upper bounds of any other meter.
    package let bounds: [Quantities.Line]
    /// The models the router can serve; nil for any.
    package let models: [String]?
    /// 1–3600.
    package let holdSeconds: Int64
    package let isDryRun: Bool

    package static let holdSecondsRange: ClosedRange<Int64> = 1...3600
    package static let defaultHoldSeconds: Int64 = 600

    /// The model with its provider where one was named, as it can be looked up later.
    package var qualifiedModel: String {
        guard let provider, !model.hasPrefix(provider + "/") else { return model }
        return "\(provider)/\(model)"
    }

    package init(
        requestID: String, who: Attribution, model: String, provider: String? = nil, tier: ServiceTier = .standard,
        inputTokens: Int64, cachedInputTokens: Int64 = 0, maxOutputTokens: Int64? = nil,
        bounds: [Quantities.Line] = [], models: [String]? = nil, holdSeconds: Int64 = Call.defaultHoldSeconds,
        isDryRun: Bool = false
    ) {
        self.requestID = requestID
        self.who = who
        self.model = model
        self.provider = provider
        self.tier = tier
        self.inputTokens = inputTokens
        self.cachedInputTokens = cachedInputTokens
        self.maxOutputTokens = maxOutputTokens
        self.bounds = bounds
        self.models = models
        self.holdSeconds = holdSeconds
        self.isDryRun = isDryRun
    }
}
