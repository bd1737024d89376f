import SeededRandom
import Testing

@testable import Accounting

/// Names of providers and models are compared without capitals, and have one spelling.
@Suite("A name") struct NameTests {
    private static let book = PriceBook(
        models: [
            ModelPrices([.of(.input, 1)], name: ModelName(provider: "openai", model: "gpt-4o")),
            ModelPrices([.of(.input, 1)], name: ModelName(provider: "google", model: "gemini-2.5-pro")),
            ModelPrices([.of(.input, 1)], name: ModelName(provider: "vertex_ai", model: "gemini-2.5-pro")),
            ModelPrices([.of(.input, 1)], name: ModelName(provider: "bedrock", model: "anthropic.claude-v2")),
            ModelPrices([.of(.input, 1)], name: ModelName(provider: "together_ai", model: "Qwen/Qwen3-Coder")),
        ], makers: ["openai", "google"])

    @Test(
        "stands for the same model however it is spelled, and under litellm's labels",
        arguments: [
            ("gpt-4o", nil, "openai/gpt-4o"), ("GPT-4o", nil, "openai/gpt-4o"), ("OpenAI/GPT-4O", nil, "openai/gpt-4o"),
            ("gpt-4o", "OpenAI", "openai/gpt-4o"), ("gpt-4o-2024-08-06", "OPENAI", "openai/gpt-4o"),
            ("FT:GPT-4o:Org::id", nil, "/ft:gpt-4o:org::id"), ("gpt-4o", "text-completion-openai", "openai/gpt-4o"),
            ("gemini/gemini-2.5-pro", nil, "google/gemini-2.5-pro"),
            ("gemini-2.5-pro", "gemini", "google/gemini-2.5-pro"),
            ("gemini-2.5-pro", "vertex_ai-language-models", "vertex_ai/gemini-2.5-pro"),
            ("gemini-2.5-pro", "Vertex_AI", "vertex_ai/gemini-2.5-pro"),
            ("anthropic.claude-v2", "bedrock_converse", "bedrock/anthropic.claude-v2"),
            ("bedrock_converse/anthropic.claude-v2", nil, "bedrock/anthropic.claude-v2"),
            ("qwen/qwen3-coder", "together_ai", "together_ai/Qwen/Qwen3-Coder"),
            ("Qwen/QWEN3-coder", nil, "together_ai/Qwen/Qwen3-Coder"),
            ("New-Model", "OpenAI", "openai/new-model"), ("OpenAI/New-Model", nil, "openai/new-model"),
        ] as [(String, String?, String)])
    func spelling(name: String, provider: String?, canonical: String) {
        #expect(Self.book.name(of: name, provider: provider).description == canonical)
    }

    @Test(
        "that stands in the book in several spellings is found as one of them, in whatever order they come",
        arguments: 0..<20 as Range<UInt64>)
    func shuffled(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let names = [
            ("openai", "gpt-4o"), ("openai", "GPT-4o"), ("openai", "GPT-4O"), ("groq", "Llama"), ("groq", "LLAMA"),
        ]
        let models = names.enumerated().map { place, name in
            let name = ModelName(provider: name.0, model: name.1)
            return ModelPrices([.of(.input, Int64(place), model: name)], name: name)
        }
        let book = PriceBook(models: models.shuffled(using: &random), makers: ["openai"])
        for (name, found) in [
            ("gpt-4o", "openai/gpt-4o"), ("GPT-4O", "openai/gpt-4o"), ("OpenAI/GPT-4o", "openai/gpt-4o"),
            ("llama", "groq/LLAMA"), ("Groq/Llama", "groq/LLAMA"),
        ] {
            guard case .priced(let model) = book.resolve(name) else {
                Issue.record("\(name) has no price")
                continue
            }
            #expect(model.name.description == found)
        }
    }

    @Test("has one spelling, whatever the order: without capitals if it stands so anywhere, otherwise the first")
    func spellings() {
        let names = [
            ModelName(provider: "gemini", model: "Pro"), ModelName(provider: "google", model: "PRO"),
            ModelName(provider: "OpenAI", model: "GPT"), ModelName(provider: "text-completion-openai", model: "gpt"),
        ]
        for names in [names, names.reversed()] {
            let spellings = ModelSpellings(names)
            #expect(Set(names.map { spellings[$0].description }) == ["google/PRO", "openai/gpt"])
            #expect(spellings[ModelName(provider: "cohere_chat", model: "New")].description == "cohere/New")
        }
    }

    @Test(
        "of a provider in a scope counts its calls however both are spelled", arguments: ["openai", "OpenAI", "OPENAI"])
    func scope(provider: String) {
        let budget = Budget(
            number: 1, id: "b", version: 1, scope: Scope(provider: ProviderName.canonical(provider)), period: .month,
            zone: .utc, unit: .usd, limit: 1, enforcement: .hard, unpriced: .deny, downgradeAt: nil, alertAt: [],
            createdAt: Timestamp(seconds: 0))
        let index = ScopeIndex([budget], prices: Self.book)
        for name in ["gpt-4o", "OpenAI/gpt-4o", "openai/unknown"] {
            var found: [ScopeIndex.Match] = []
            index.find(Attribution(team: "t"), Self.book.name(of: name, provider: nil), into: &found)
            #expect(found.map(\.place) == [0], "\(name)")
        }
    }
}
