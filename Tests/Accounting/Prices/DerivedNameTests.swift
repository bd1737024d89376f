import Foundation
import ShippedPrices
import Testing

@testable import Accounting

@Suite("A model's name that the price book lacks") struct DerivedNameTests {
    private static func sold(_ provider: String, _ model: String) -> ModelPrices {
        let name = ModelName(provider: provider, model: model)
        return ModelPrices([.of(.input, 1, model: name)], name: name)
    }

    private static let book = PriceBook(
        models: [
            sold("anthropic", "claude-3-5-sonnet-20240620"), sold("anthropic", "claude-3-5-sonnet-20241022"),
            sold("anthropic", "claude-one-20250101"), sold("openai", "gpt-4.1"), sold("azure", "gpt-4.1"),
            sold("azure", "eu/gpt-4.1"), sold("azure", "gpt-9"), sold("azure", "global-standard/gpt-9-2025-01-01"),
            sold("azure", "global-standard/gpt-9-2025-02-01"), sold("google", "gemini-2.5-pro"),
            sold("vertex_ai", "gemini-2.5-pro"),
            sold("vertex_ai", "claude-haiku@20251001"), sold("openrouter", "openai/gpt-4.1"),
            sold("openrouter", "z/free-model:free"), sold("openrouter", "z/free-model"),
            sold("bedrock", "anthropic.claude-3-sonnet-20240229-v1:0"),
            sold("bedrock", "us.anthropic.claude-3-sonnet-20240229-v1:0"),
            sold("bedrock", "eu.anthropic.claude-3-sonnet-20240229-v1:0"),
            sold("bedrock", "amazon.nova-pro-v1:0"), sold("bedrock", "us-east-1/meta.llama3-8b-v1:0"),
            sold("bedrock", "meta.llama3-8b-v1:0"), sold("bedrock", "m.twice-v1:0"), sold("bedrock", "m.twice-v2:0"),
            sold("groq", "llama-3.3-70b"), sold("groq", "m_1"), sold("groq", "m.1"),
            sold("groq", "only-groq-20260101"),
        ],
        makers: ["openai", "google", "anthropic"])

    private func text(_ name: String, _ provider: String?) -> String {
        switch Self.book.resolve(name, provider: provider) {
        case .priced(let model): "\(model.name)"
        case .unpriced: "unpriced"
        case .ambiguous(let names): "may be " + names.map(\.description).joined(separator: " ")
        }
    }

    @Test(
        "is found whatever its capitals and separators are",
        arguments: [
            ("gpt-4-1", nil, "openai/gpt-4.1"), ("GPT_4.1", nil, "openai/gpt-4.1"), ("gpt 4.1", nil, "openai/gpt-4.1"),
            ("azure/gpt-4-1", nil, "azure/gpt-4.1"), ("gpt-4-1", "azure", "azure/gpt-4.1"),
            ("eu/gpt_4_1", "azure", "azure/eu/gpt-4.1"), ("openai/gpt-4-1", "openrouter", "openrouter/openai/gpt-4.1"),
            ("claude-haiku-20251001", "vertex_ai", "vertex_ai/claude-haiku@20251001"),
            ("llama-3-3-70b", nil, "groq/llama-3.3-70b"), ("gpt-4-1-2025-04-14", nil, "openai/gpt-4.1"),
            ("gpt-41", nil, "unpriced"), ("gpt-4-1", "groq", "unpriced"),
        ] as [(String, String?, String)])
    func separators(name: String, provider: String?, expected: String) {
        #expect(text(name, provider) == expected)
    }

    @Test(
        "that may be two models is neither",
        arguments: [
            ("m-1", "groq", "may be groq/m.1 groq/m_1"), ("m.1", "groq", "groq/m.1"),
            ("groq/m-1", nil, "may be groq/m.1 groq/m_1"),
            ("m.twice", "bedrock", "may be bedrock/m.twice-v1:0 bedrock/m.twice-v2:0"),
            (
                "claude-3-5-sonnet", nil,
                "may be anthropic/claude-3-5-sonnet-20240620 anthropic/claude-3-5-sonnet-20241022"
            ),
        ] as [(String, String?, String)])
    func ambiguous(name: String, provider: String?, expected: String) {
        #expect(text(name, provider) == expected)
    }

    @Test(
        "is found by what it was made from",
        arguments: [
            // Undated and newest.
            ("claude-one", nil, .newestSnapshot, "anthropic/claude-one-20250101"),
            ("claude-one-latest", nil, .newestSnapshot, "anthropic/claude-one-20250101"),
            ("claude-3.5-sonnet-latest", nil, .newestSnapshot, "anthropic/claude-3-5-sonnet-20241022"),
            ("anthropic/claude-3-5-sonnet-latest", nil, .newestSnapshot, "anthropic/claude-3-5-sonnet-20241022"),
            ("gpt-4.1-latest", nil, .snapshot, "openai/gpt-4.1"),
            // OpenRouter.
            ("openai/gpt-4.1:nitro", "openrouter", .variant, "openrouter/openai/gpt-4.1"),
            ("openrouter/openai/gpt-4.1:online", nil, .variant, "openrouter/openai/gpt-4.1"),
            ("openrouter/OpenAI/GPT-4-1:floor", nil, .variant, "openrouter/openai/gpt-4.1"),
            ("openrouter/z/free-model:free", nil, .providerNamed, "openrouter/z/free-model:free"),
            ("openrouter/openai/gpt-4.1:free", nil, nil, "unpriced"),
            ("openai/gpt-4.1:nitro", nil, nil, "unpriced"),
            // Google.
            ("models/gemini-2.5-pro", nil, .path, "google/gemini-2.5-pro"),
            ("models/gemini-2.5-pro", "google", .path, "google/gemini-2.5-pro"),
            ("publishers/google/models/gemini-2.5-pro", nil, .path, "vertex_ai/gemini-2.5-pro"),
            (
                "projects/p/locations/l/publishers/google/models/gemini-2.5-pro", "vertex_ai", .path,
                "vertex_ai/gemini-2.5-pro"
            ),
            ("google/gemini-2.5-pro", "vertex_ai", .path, "vertex_ai/gemini-2.5-pro"),
            ("vertex_ai/google/gemini-2.5-pro", nil, .path, "vertex_ai/gemini-2.5-pro"),
            ("projects/p/locations/l/endpoints/1", "vertex_ai", nil, "unpriced"),
            // Azure.
            ("azure/global-standard/gpt-4.1", nil, .path, "azure/gpt-4.1"),
            // Where it is leads further than what it may be.
            ("azure/global-standard/gpt-9", nil, .path, "azure/gpt-9"), ("us/gpt-4.1", "azure", nil, "unpriced"),
            // Bedrock.
            ("amazon.nova-pro", "bedrock", .spelling, "bedrock/amazon.nova-pro-v1:0"),
            ("amazon.nova-pro-v1", "bedrock", .spelling, "bedrock/amazon.nova-pro-v1:0"),
            ("global.amazon.nova-pro-v1:0", "bedrock", .profile, "bedrock/amazon.nova-pro-v1:0"),
            ("bedrock/converse/amazon.nova-pro-v1:0", nil, .path, "bedrock/amazon.nova-pro-v1:0"),
            ("us-west-2/amazon.nova-pro-v1:0", "bedrock", .profile, "bedrock/amazon.nova-pro-v1:0"),
            (
                "jp.anthropic.claude-3-sonnet-20240229-v1:0", "bedrock", .profile,
                "bedrock/us.anthropic.claude-3-sonnet-20240229-v1:0"
            ),
            (
                "anthropic.claude-3-sonnet-20240229-v1:0:200k", "bedrock", .profile,
                "bedrock/anthropic.claude-3-sonnet-20240229-v1:0"
            ),
            (
                "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-3-sonnet-20240229-v1:0",
                nil, .path, "bedrock/eu.anthropic.claude-3-sonnet-20240229-v1:0"
            ),
            (
                "bedrock/arn:aws:bedrock:us-east-1::foundation-model/meta.llama3-8b-v1:0", nil, .path,
                "bedrock/us-east-1/meta.llama3-8b-v1:0"
            ),
            (
                "arn:aws:bedrock:us-west-2::foundation-model/meta.llama3-8b-v1:0", "bedrock", .path,
                "bedrock/meta.llama3-8b-v1:0"
            ),
            ("arn:aws:bedrock:us-west-2:1:application-inference-profile/abc", "bedrock", nil, "unpriced"),
            ("jp.amazon.nova-pro-v1:0", nil, .profile, "bedrock/amazon.nova-pro-v1:0"),
            ("us-west-2/amazon.nova-pro-v1:0", nil, .profile, "bedrock/amazon.nova-pro-v1:0"),
            ("amazon.nova-pro-v1:0:300k", nil, .profile, "bedrock/amazon.nova-pro-v1:0"),
            ("us-west-2/llama-3.3-70b", nil, nil, "unpriced"), ("global.gpt", nil, nil, "unpriced"),
            (
                "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.nova-pro-v1:0", nil, nil, "unpriced"
            ),
            ("us-gov.amazon.nova-pro-v1:0", "bedrock", nil, "unpriced"),
            ("us-gov-west-1/amazon.nova-pro-v1:0", "bedrock", nil, "unpriced"),
            // What only a reseller has, no maker has meant.
            ("only-groq", nil, nil, "unpriced"), ("only-groq", "groq", .newestSnapshot, "groq/only-groq-20260101"),
        ] as [(String, String?, PriceBook.Rule?, String)])
    func derived(name: String, provider: String?, rule: PriceBook.Rule?, expected: String) {
        #expect(text(name, provider) == expected)
        #expect(Self.book.rule(of: name, provider: provider) == rule)
        #expect((Self.book.guessWarning(of: name, provider: provider) != nil) == (rule?.isGuess ?? false))
    }

    @Test(
        "is found by its provider's name in front of it, whichever label it goes by there",
        arguments: [
            ("gemini/gemini-2.5-pro", "gemini", "google/gemini-2.5-pro"),
            ("gemini/gemini-2.5-pro", "google", "google/gemini-2.5-pro"),
            ("google/gemini-2.5-pro", "gemini", "google/gemini-2.5-pro"),
            ("GEMINI/GEMINI-2-5-PRO", "Gemini", "google/gemini-2.5-pro"),
            ("google/gemini/gemini-2.5-pro", nil, "google/gemini-2.5-pro"),
            ("text-completion-openai/gpt-4.1", "openai", "openai/gpt-4.1"),
            ("vertex_ai-anthropic_models/claude-haiku@20251001", "vertex_ai", "vertex_ai/claude-haiku@20251001"),
            ("openai/gpt-4.1", "aiohttp_openai", "openai/gpt-4.1"),
            ("claude-one-20250101", "anthropic_text", "anthropic/claude-one-20250101"),
            ("gemini/gemini-2.5-pro", "openai", "unpriced"), ("openai/gpt-4.1", "gemini", "unpriced"),
        ] as [(String, String?, String)])
    func labelInFront(name: String, provider: String?, expected: String) {
        #expect(text(name, provider) == expected)
    }

    @Test("a label of another program means a provider by its own name, and is none itself")
    func labels() throws {
        // By the names of the files: what a file says would be taken for a label too.
        let files = try FileManager.default.contentsOfDirectory(atPath: ShippedPrices.folder.path)
            .filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
        #expect(files.count > 100)
        let providers = Set(ProviderName.known.map(\.provider) + files)
        #expect(ProviderName.known.allSatisfy { !providers.contains($0.label) })
    }
}
