import Accounting

/// A provider of the price map, under the name that Purser's routers use, which may differ from the map's label.
struct PriceMapProvider: Sendable {
    let name: String
    /// The prefixes that the map puts in front of a model's name.
    let prefixes: [String]
    /// True if a model name without a provider means this provider's own API; nil if the map does not say.
    let isMaker: Bool?

    /// Whether a prompt of exactly the threshold is charged the rate above it. xAI: "requests whose prompt reaches the
    /// listed token threshold are billed at the higher rate" (https://docs.x.ai/docs/models, 2026-08-22).
    var hasInclusiveThresholds: Bool { name == "xai" }

    /// Whether cached input tokens cost half of input tokens if the map gives no price. Fireworks: cached input tokens
    /// are priced at 50% of input tokens unless otherwise specified (https://fireworks.ai/pricing).
    var halvesCacheReads: Bool { name == "fireworks_ai" }

    /// What a call that uses any of a meter is charged for at the least, of which the map says nothing. Groq's minimum
    /// billed length is 10 seconds: a shorter request is billed for 10 (https://console.groq.com/docs/speech-to-text).
    func leastQuantity(of meter: String) -> Int64? { name == "groq" && meter == "audio_input_seconds" ? 10 : nil }

    private init(_ name: String, prefixes: [String]? = nil, isMaker: Bool? = nil) {
        self.name = name
        self.prefixes = prefixes ?? ["\(name)/"]
        self.isMaker = isMaker
    }

    private static let makers = [
        "ai21", "anthropic", "cohere", "deepseek", "minimax", "mistral", "moonshot", "openai", "voyage", "xai", "zai",
    ]

    private static let byLabel: [String: PriceMapProvider] = {
        var table: [String: PriceMapProvider] = [:]
        for name in makers { table[name] = PriceMapProvider(name, isMaker: true) }
        table["text-completion-openai"] = table["openai"]
        table["cohere_chat"] = table["cohere"]
        table["gemini"] = PriceMapProvider("google", prefixes: ["gemini/"], isMaker: true)
        table["amazon_nova"] = PriceMapProvider("amazon_nova", prefixes: ["amazon-nova/"], isMaker: true)
        table["bedrock"] = PriceMapProvider("bedrock", prefixes: ["bedrock/invoke/", "bedrock/"])
        table["bedrock_converse"] = table["bedrock"]
        table["azure_text"] = PriceMapProvider("azure")
        table["fireworks_ai-embedding-models"] = PriceMapProvider("fireworks_ai")
        return table
    }()

    /// The provider for a label of the map; a label that is not in the table is the provider's name. Nil if it is not a
    /// valid name, or contains a `/`, which would make `provider/model` ambiguous.
    init?(label: String) {
        if let known = Self.byLabel[label] {
            self = known
        } else {
            let name = ProviderName.canonical(label)
            self.init(name, prefixes: label.hasPrefix("text-completion-") ? ["\(label)/"] : nil)
        }
        guard PriceFile.isName(name), !name.contains("/") else { return nil }
    }

    func bareName(_ name: String) -> String {
        for prefix in prefixes where name.hasPrefix(prefix) { return String(name.dropFirst(prefix.count)) }
        return name
    }
}
