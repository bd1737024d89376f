import JSON

/// What a provider's usage object says beside counts: what the call cost, in which class of service it was served, and
/// where.
extension UsageReader {
    /// In USD. xAI tells ticks of 1e-10 USD (docs.x.ai, cost tracking); OpenRouter its own `cost` in credits, which are
    /// USD (openrouter.ai/docs, usage accounting); Perplexity an object with its sum. What reads otherwise is some other
    /// provider's word and stays in the raw object.
    var providerCost: Money? {
        if let ticks = value["cost_in_usd_ticks"] { return money(ticks, places: Money.places - 10) }
        guard let cost = value["cost"] else { return nil }
        guard let charged = money(cost.kind == .object ? cost["total_cost"] : cost, places: Money.places) else {
            return nil
        }
        // With a key of one's own OpenRouter charges only its fee, and the provider the rest.
        guard value["is_byok"]?.bool == true else { return charged }
        let upstream = value["cost_details"]?["upstream_inference_cost"]
        return money(upstream, places: Money.places).map { charged + $0 }
    }

    /// From the digits of a number: it never passes through binary floating point here.
    private func money(_ number: JSONValue?, places: Int) -> Money? {
        guard let number, number.kind == .number,
            let nanodollars = FixedPoint.scaled(number: number.text, places: places, rounding: .halfToEven)
        else { return nil }
        let money = Money(nanodollars: nanodollars)
        return (.zero...Money.maximumInput).contains(money) ? money : nil
    }

    /// Anthropic's `speed`; its, Mistral's and the Gemini API's `service_tier`, Vertex AI's kind of traffic; those of OpenAI, Groq and
    /// Bedrock stand beside the usage, so that only a whole response tells them.
    var tier: ServiceTier? {
        Self.tier(of: value)
            // A stream of Anthropic's says it at its start.
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
        // Anthropic's fast mode, which its service tier does not tell.
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
