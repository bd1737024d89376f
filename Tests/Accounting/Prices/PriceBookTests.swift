import Testing

@testable import Accounting

@Suite("A model's name") struct PriceBookTests {
    private static func sold(_ provider: String, _ model: String) -> ModelPrices {
        let name = ModelName(provider: provider, model: model)
        return ModelPrices([.of(.input, 1, model: name)], name: name)
    }

    static let book = PriceBook(
        models: [
            sold("openai", "gpt-4o"), sold("azure", "gpt-4o"), sold("azure", "only-azure"), sold("groq", "llama"),
            sold("together_ai", "llama"), sold("together_ai", "meta/llama-3"), sold("google", "twice"),
            sold("openai", "twice"),
            sold("bedrock", "anthropic.claude"), sold("openrouter", "openai/gpt-4o"),
            sold("openrouter", "openai/other"),
            sold("anthropic", "claude-4-20250101"), sold("openai", "ft:gpt-4o-2024-08-06"), sold("openai", "ft:gpt-4"),
            sold("vertex_ai", "claude-5"), sold("openai", "gpt-4o-2024-05-13"),
        ],
        aliases: [
            ModelName(provider: "anthropic", model: "claude-4"): ModelName(
                provider: "anthropic", model: "claude-4-20250101"),
            ModelName(provider: "anthropic", model: "claude"): ModelName(provider: "anthropic", model: "claude-4"),
            ModelName(provider: "azure", model: "gpt-4o"): ModelName(provider: "azure", model: "only-azure"),
        ],
        makers: ["openai", "google", "anthropic"])

    private func text(_ resolution: PriceBook.Resolution) -> String {
        switch resolution {
        case .priced(let model): model.name.description
        case .unpriced(let name): "unpriced \(name)"
        case .ambiguous(let names): "ambiguous " + names.map(\.description).joined(separator: " ")
        }
    }

    @Test(
        "is told with the rule by which it is found",
        arguments: [
            ("gpt-4o", nil, .bareName), ("azure/gpt-4o", nil, .providerNamed), ("gpt-4o", "azure", .providerNamed),
            ("claude-4", nil, .alias), ("anthropic/claude-4", nil, .alias), ("gpt-4o-2024-08-06", nil, .snapshot),
            ("azure/gpt-4o-2024-08-06", nil, .snapshot), ("ft:gpt-4o-2024-08-06:org", nil, .fineTune),
            ("ft:gpt-4-2024-01-02:org", nil, .fineTune), ("gpt-4o-2024-05-13", nil, .bareName),
        ] as [(String, String?, PriceBook.Rule)])
    func rules(name: String, provider: String?, rule: PriceBook.Rule) throws {
        #expect(Self.book.rule(of: name, provider: provider) == rule)
    }

    @Test(
        "stands for its maker's own API, or says what is missing",
        arguments: [
            ("gpt-4o", nil, "openai/gpt-4o"), ("azure/gpt-4o", nil, "azure/gpt-4o"),
            ("gpt-4o", "azure", "azure/gpt-4o"),
            ("azure/gpt-4o", "azure", "azure/gpt-4o"), ("openai/gpt-4o", "azure", "unpriced azure/openai/gpt-4o"),
            ("only-azure", nil, "azure/only-azure"), ("llama", nil, "ambiguous groq/llama together_ai/llama"),
            ("llama", "groq", "groq/llama"), ("meta/llama-3", nil, "together_ai/meta/llama-3"),
            ("together_ai/meta/llama-3", nil, "together_ai/meta/llama-3"),
            ("meta/llama-3", "together_ai", "together_ai/meta/llama-3"),
            ("twice", nil, "ambiguous google/twice openai/twice"),
            ("openai/gpt-4o", nil, "openai/gpt-4o"), ("openai/gpt-4o", "openrouter", "openrouter/openai/gpt-4o"),
            ("openrouter/openai/gpt-4o", nil, "openrouter/openai/gpt-4o"),
            ("openai/other", nil, "openrouter/openai/other"),
            ("nowhere", nil, "unpriced /nowhere"), ("azure/nowhere", nil, "unpriced azure/nowhere"),
            ("nobody/gpt-4o", nil, "unpriced /nobody/gpt-4o"), ("gpt-4o", "nobody", "unpriced nobody/gpt-4o"),
            ("", nil, "unpriced /"), ("GPT-4o", nil, "openai/gpt-4o"), ("azure/", nil, "unpriced azure/"),
            ("claude-4", nil, "anthropic/claude-4-20250101"),
            ("anthropic/claude-4", nil, "anthropic/claude-4-20250101"),
            ("claude", nil, "unpriced /claude"),
            // A fine-tuned model is found by the model it was made from.
            ("ft:gpt-4o-2024-08-06:org:name:id", nil, "openai/ft:gpt-4o-2024-08-06"),
            ("ft:gpt-4o-2024-08-06:org::id", "openai", "openai/ft:gpt-4o-2024-08-06"),
            ("openai/ft:gpt-4o-2024-08-06:org::id", nil, "openai/ft:gpt-4o-2024-08-06"),
            ("ft:gpt-4-2024-01-02:org", nil, "openai/ft:gpt-4"),
            ("ft:gpt-4o:org", nil, "unpriced /ft:gpt-4o:org"),
            ("ft:gpt-4o-2024-08-06:org", "azure", "unpriced azure/ft:gpt-4o-2024-08-06:org"),
            ("ft::org", nil, "unpriced /ft::org"), ("ft:", nil, "unpriced /ft:"),
            // Dated snapshots.
            ("gpt-4o-2024-05-13", nil, "openai/gpt-4o-2024-05-13"), ("gpt-4o-2024-08-06", nil, "openai/gpt-4o"),
            ("gpt-4o-20240806", "azure", "azure/gpt-4o"), ("azure/gpt-4o-2024-08-06", nil, "azure/gpt-4o"),
            ("claude-5@20260101", nil, "vertex_ai/claude-5"),
            ("vertex_ai/claude-5@20260101", nil, "vertex_ai/claude-5"),
            ("claude-4-20250102", nil, "anthropic/claude-4-20250101"),
            // A retired snapshot is not what a reseller still sells: that would be a second guess.
            ("claude-5-20260101", nil, "unpriced /claude-5-20260101"),
            ("claude-5-20260101", "vertex_ai", "vertex_ai/claude-5"),
            ("vertex_ai/claude-5-20260101", nil, "vertex_ai/claude-5"),
            ("only-azure-2025-01-01", nil, "unpriced /only-azure-2025-01-01"),
            ("llama-2025-01-01", nil, "ambiguous groq/llama together_ai/llama"),
            ("gpt-4o-2024-13-01", nil, "unpriced /gpt-4o-2024-13-01"),
            ("gpt-4o-20240230", nil, "unpriced /gpt-4o-20240230"),
            ("gpt-4o-1234567", nil, "unpriced /gpt-4o-1234567"), ("-20240101", nil, "unpriced /-20240101"),
            ("us.anthropic.claude", "bedrock", "bedrock/anthropic.claude"),
        ] as [(String, String?, String)])
    func resolving(name: String, provider: String?, expected: String) {
        #expect(text(Self.book.resolve(name, provider: provider)) == expected)
    }

    @Test("is full as far as it was said")
    func fullNames() {
        #expect(Self.book.name(of: "llama", provider: nil) == ModelName(provider: "", model: "llama"))
        #expect(Self.book.name(of: "gpt-4o", provider: nil) == ModelName(provider: "openai", model: "gpt-4o"))
        #expect(Self.book.name(of: "new", provider: "azure") == ModelName(provider: "azure", model: "new"))
        #expect(Self.book.isKnownMeter("input_tokens"))
        #expect(!Self.book.isKnownMeter("web_searches"))
    }
}
