/// A call that a router asks about before it dispatches it.
package struct Call: Hashable, Sendable {
    package let requestID: String
    package private(set) var who: Attribution
    package let model: String
    package let provider: String?
    package let tier: ServiceTier
    /// Where the call will be processed, as the provider names the place; nil if the price is the same everywhere.
    package let region: String?
    /// The tokens of the whole prompt.
    package let inputTokens: Int64
    /// The part of the prompt that the router knows to be cached.
    package let cachedInputTokens: Int64
    /// Nil means the model's own maximum.
    package private(set) var maxOutputTokens: Int64?
    /// The least output that is still of use; nil if the call is of use only in full. Where the money does not suffice for
    /// all of its output, the verdict may admit less, down to this.
    package let minOutputTokens: Int64?
    /// Upper bounds of any other meters.
    package let bounds: [Quantities.Line]
    /// The models that the router can serve; nil means any.
    package let models: [String]?
    /// 1–3600.
    package let holdSeconds: Int64
    package let isDryRun: Bool
    /// How long the caller waits for money that is held; 0: not at all. It is no part of the fingerprint: it says how
    /// patient the caller is, not what the call is, and who asks again may have less time left.
    package let waitMilliseconds: Int64

    package static let holdSecondsRange: ClosedRange<Int64> = 1...3600
    package static let waitMillisecondsRange: ClosedRange<Int64> = 0...30_000
    package static let defaultHoldSeconds: Int64 = 600

    /// The requested model, with its provider if one was named, so that it can be looked up later.
    package var qualifiedModel: String {
        guard let provider, ModelName.withoutPrefix(provider, model) == nil else { return model }
        return "\(provider)/\(model)"
    }

    /// The same call, as one that others are to pay.
    package func counted(for who: Attribution) -> Call {
        var call = self
        call.who = who
        return call
    }

    /// The hash of what a repeated request shares with the first: its team and request id.
    var requestHash: UInt64 { RequestName.quickHash(who.callersTeam, requestID) }

    package var requestName: RequestName { RequestName(team: who.callersTeam, id: requestID) }

    /// Distinguishes this call from a different call under the same request id. It is compared with the fingerprint of
    /// the call whose hold is open.
    var fingerprint: UInt64 {
        var hash = QuickHash()
        hash.combine(who.callersFeature)
        hash.combine(who.user)
        hash.combine(who.run)
        hash.combine(model)
        hash.combine(provider)
        hash.combine(Int64(who.tags.count))
        for tag in who.tags {
            hash.combine(tag.key)
            hash.combine(tag.value)
        }
        hash.combine(Int64(tier.ordinal))
        hash.combine(region)
        hash.combine(inputTokens)
        hash.combine(cachedInputTokens)
        hash.combine(maxOutputTokens ?? -1)
        hash.combine(Int64(bounds.count))
        for bound in bounds {
            hash.combine(bound.meter.name)
            hash.combine(bound.quantity)
        }
        hash.combine(Int64(models?.count ?? -1))
        for model in models ?? [] { hash.combine(model) }
        hash.combine(holdSeconds)
        // At the end, so that calls without it hash nothing more.
        if let minOutputTokens { hash.combine(minOutputTokens) }
        return hash.value
    }

    /// The same call with another most output.
    func withOutput(atMost tokens: Int64) -> Call {
        var call = self
        call.maxOutputTokens = tokens
        return call
    }

    package init(
        requestID: String, who: Attribution, model: String, provider: String? = nil, tier: ServiceTier = .standard,
        region: String? = nil, inputTokens: Int64, cachedInputTokens: Int64 = 0, maxOutputTokens: Int64? = nil,
        minOutputTokens: Int64? = nil,
        bounds: [Quantities.Line] = [], models: [String]? = nil, holdSeconds: Int64 = Call.defaultHoldSeconds,
        isDryRun: Bool = false, waitMilliseconds: Int64 = 0
    ) {
        self.requestID = requestID
        self.who = who
        self.model = model
        self.provider = provider
        self.tier = tier
        self.region = region
        self.inputTokens = inputTokens
        self.cachedInputTokens = cachedInputTokens
        self.maxOutputTokens = maxOutputTokens
        self.minOutputTokens = minOutputTokens
        self.bounds = bounds
        self.models = models
        self.holdSeconds = holdSeconds
        self.isDryRun = isDryRun
        self.waitMilliseconds = waitMilliseconds
    }
}
