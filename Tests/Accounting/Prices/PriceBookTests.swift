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
            sold("anthropic", "claude-4-20250101"),
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
            ("", nil, "unpriced /"), ("GPT-4o", nil, "unpriced /GPT-4o"), ("azure/", nil, "unpriced azure/"),
            ("claude-4", nil, "anthropic/claude-4-20250101"),
            ("anthropic/claude-4", nil, "anthropic/claude-4-20250101"),
            ("claude", nil, "unpriced /claude"),
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
