import Testing

@testable import Accounting

@Suite("The fingerprint of a call") struct FingerprintTests {
    private static let search = Quantities.Line(meter: .webSearches, quantity: 1)
    private static let image = Quantities.Line(meter: .images, quantity: 1)

    private static func call(
        _ who: Attribution = Attribution(team: "t"), model: String = "m", provider: String? = nil,
        tier: ServiceTier = .standard, region: String? = nil, input: Int64 = 1, cached: Int64 = 0, output: Int64? = nil,
        least: Int64? = nil, bounds: [Quantities.Line] = [], models: [String]? = nil, holdSeconds: Int64 = 600
    ) -> Call {
        Call(
            requestID: "r", who: who, model: model, provider: provider, tier: tier, region: region,
            inputTokens: input, cachedInputTokens: cached, maxOutputTokens: output, minOutputTokens: least,
            bounds: bounds, models: models, holdSeconds: holdSeconds)
    }

    @Test("is another where anything the call asks for is another")
    func everyField() {
        let tag = Accounting.Tag(key: "k", value: "v")
        let calls = [
            Self.call(), Self.call(Attribution(team: "t", feature: "x")), Self.call(Attribution(team: "t", user: "x")),
            Self.call(Attribution(team: "t", run: "x")), Self.call(Attribution(team: "t", tags: [tag])),
            Self.call(Attribution(team: "t", tags: [Accounting.Tag(key: "k", value: "w")])), Self.call(model: "x"),
            Self.call(provider: "x"), Self.call(tier: .batch), Self.call(tier: .flex), Self.call(region: "x"),
            Self.call(input: 2),
            Self.call(cached: 1), Self.call(output: 0), Self.call(output: 1), Self.call(least: 1), Self.call(least: 2),
            Self.call(bounds: [Self.search]),
            Self.call(bounds: [Self.image]), Self.call(bounds: [Self.search, Self.image]), Self.call(models: []),
            Self.call(models: ["m"]), Self.call(models: ["m", "n"]), Self.call(holdSeconds: 601),
        ]
        #expect(Set(calls.map(\.fingerprint)).count == calls.count)
        // A new field must be added here and to the fingerprint. The request id, the team, the dry-run flag and how long
        // the caller waits are not part of the fingerprint.
        #expect(Mirror(reflecting: calls[0]).children.count == 15)
        #expect(Mirror(reflecting: calls[0].who).children.count == 6)
    }

    @Test("is that of the place that was named, also once its feature was moved")
    func moved() {
        let named = NamedPlace(FeaturePlace(team: "t", feature: "f"))
        let moved = Attribution(team: "u", feature: "g", named: named)
        let first = Self.call(Attribution(team: "t", feature: "f"))
        #expect(Self.call(moved).fingerprint == first.fingerprint)
        #expect(Self.call(moved).requestName == first.requestName)
    }

    @Test("is the same for the same call")
    func same() {
        let who = Attribution(team: "t", feature: "f", tags: [Accounting.Tag(key: "k", value: "v")])
        #expect(Self.call(who, output: 3).fingerprint == Self.call(who, output: 3).fingerprint)
    }
}
