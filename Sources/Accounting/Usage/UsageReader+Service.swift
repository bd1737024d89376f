import JSON

/// What a provider's usage object says besides counts: the cost of the call, its class of service, and where it was
/// processed.
extension UsageReader {
    /// In USD. xAI reports ticks of 1e-10 USD (docs.x.ai, cost tracking). OpenRouter reports `cost` in credits, which
    /// are USD (openrouter.ai/docs, usage accounting). Perplexity reports an object that contains the sum, Claude Code
    /// `costUSD`. Any other form belongs to another provider and stays only in the raw object.
    mutating func providerCost() -> Money? {
        let names: [StaticString] = ["cost_in_usd_ticks", "cost", "costUSD", "cost_usd"]
        let costs = names.map { value[$0] }
        for cost in costs.compactMap(\.self) { marks.insert(cost.place) }
        if let ticks = costs[0] { return money(ticks, places: Money.places - 10) }
        guard let cost = costs.compactMap(\.self).first else { return nil }
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
    /// contains it. A word that is not known is told.
    func tier() -> (known: ServiceTier?, unknown: String?) {
        // Anthropic's streams report the tier at their start.
        let start = group("message_start").map { Self.usage(in: $0).value }
        for value in [value, start, around?.value].compactMap(\.self) {
            // Anthropic's `service_tier` does not show its fast mode.
            if value["speed"]?.string == "fast" { return (.fast, nil) }
            let names = value.fields(among: Self.tierNames)
            guard names != 0, let word = value[Self.tierNames[names.trailingZeroBitCount]],
                let text = (word["type"] ?? word).string
            else { continue }
            if let tier = Self.tiers[text.lowercased()] { return (tier, nil) }
            if !Self.noTiers.contains(text.lowercased()) { return (nil, String(text.prefix(64))) }
        }
        return (langChainTier, nil)
    }

    /// LangChain puts the tier into the names of its details.
    private var langChainTier: ServiceTier? {
        guard let details = value["input_token_details"] else { return nil }
        if details.fields(among: ["priority", "priority_cache_read"]) != 0 { return .priority }
        return details.fields(among: ["flex", "flex_cache_read"]) != 0 ? .flex : nil
    }

    private static let tiers: [String: ServiceTier] = [
        "standard": .standard, "default": .standard, "on_demand": .standard, "batch": .batch, "flex": .flex,
        "on_demand_flex": .flex, "priority": .priority, "on_demand_priority": .priority, "fast": .fast,
        "ultrafast": .ultrafast,
    ]
    /// Words that say no tier: the provider's own choice, or that it is not known.
    private static let noTiers: Set<String> = ["", "auto", "unspecified", "traffic_type_unspecified"]

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
}
