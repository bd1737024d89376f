import JSON

/// What a provider's usage object says besides counts: the cost of the call, its class of service, and where it was
/// processed.
extension UsageReader {
    /// In USD. xAI reports ticks of 1e-10 USD (docs.x.ai, cost tracking). OpenRouter reports `cost` in credits, which
    /// are USD (openrouter.ai/docs, usage accounting). Perplexity reports an object that contains the sum. Any other
    /// form belongs to another provider and stays only in the raw object.
    var providerCost: Money? {
        if let ticks = value["cost_in_usd_ticks"] { return money(ticks, places: Money.places - 10) }
        guard let cost = value["cost"] else { return nil }
        guard let charged = money(cost.kind == .object ? cost["total_cost"] : cost, places: Money.places) else {
            return nil
        }
        // With the customer's own key, OpenRouter charges only its fee, and the provider charges the rest.
        guard value["is_byok"]?.bool == true else { return charged }
        let upstream = value["cost_details"]?["upstream_inference_cost"]
        return money(upstream, places: Money.places).map { charged + $0 }
    }

    /// Read from the digits of the number, so that it never passes through binary floating point.
    private func money(_ number: JSONValue?, places: Int) -> Money? {
        guard let number, number.kind == .number,
            let nanodollars = FixedPoint.scaled(number: number.text, places: places, rounding: .halfToEven)
        else { return nil }
        let money = Money(nanodollars: nanodollars)
        return (.zero...Money.maximumInput).contains(money) ? money : nil
    }

    /// The tier comes from Anthropic's `speed`, from the `service_tier` of Anthropic, Mistral and the Gemini API, or
    /// from Vertex AI's traffic type. OpenAI, Groq and Bedrock report it beside the usage, so only a whole response
    /// contains it.
    var tier: ServiceTier? {
        Self.tier(of: value)
            // Anthropic's streams report the tier at their start.
            ?? group("message_start").flatMap { Self.tier(of: Self.usage(in: $0).value) }
            ?? around.flatMap { Self.tier(of: $0.value) }
    }

    /// Anthropic's `inference_geo` (platform.claude.com/docs, data residency).
    var region: String? {
        let place =
            value["inference_geo"] ?? group("message_start").flatMap { Self.usage(in: $0).value["inference_geo"] }
        guard let name = place?.string, (1...32).contains(name.utf8.count), name != "not_available",
            name.utf8.allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "-") })
        else { return nil }
        return name
    }

    private static let tierNames: [StaticString] = ["service_tier", "serviceTier", "trafficType", "traffic_type"]

    private static func tier(of value: JSONValue) -> ServiceTier? {
        // Anthropic's `service_tier` does not show its fast mode.
        if value["speed"]?.string == "fast" { return .fast }
        let names = value.fields(among: tierNames)
        guard names != 0, let word = value[tierNames[names.trailingZeroBitCount]] else { return nil }
        return switch (word["type"] ?? word).string {
        case "standard", "default", "on_demand", "ON_DEMAND": .standard
        case "batch": .batch
        case "flex", "ON_DEMAND_FLEX": .flex
        case "priority", "ON_DEMAND_PRIORITY": .priority
        case "fast": .fast
        case "ultrafast": .ultrafast
        default: nil
        }
    }
}
