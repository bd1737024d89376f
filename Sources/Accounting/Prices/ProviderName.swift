/// The one spelling of a provider's name, whoever writes it: without capitals, and under the name of the price book where
/// litellm's proxy and price map have labels of their own.
package enum ProviderName {
    /// Labels of other catalogues, such as litellm (`litellm_provider`, `custom_llm_provider`), and the providers that they mean.
    private static let labels = [
        "text-completion-openai": "openai", "cohere_chat": "cohere", "gemini": "google", "bedrock_converse": "bedrock",
        "azure_text": "azure", "fireworks_ai-embedding-models": "fireworks_ai", "amazon-nova": "amazon_nova",
        "vertex_ai_beta": "vertex_ai", "google_ai_studio": "google", "ai21_chat": "ai21",
        "anthropic_text": "anthropic", "aiohttp_openai": "openai", "watsonx_text": "watsonx",
        // Names of genai-prices.
        "aws": "bedrock", "fireworks": "fireworks_ai", "github-copilot": "github_copilot", "moonshotai": "moonshot",
        "together": "together_ai", "voyageai": "voyage", "x-ai": "xai",
        // Names of OpenTelemetry's `gen_ai.provider.name`.
        "aws.bedrock": "bedrock", "azure.ai.openai": "azure", "azure.ai.inference": "azure_ai", "gcp.gemini": "google",
        "gcp.gen_ai": "google", "gcp.vertex_ai": "vertex_ai", "ibm.watsonx.ai": "watsonx", "mistral_ai": "mistral",
        "x_ai": "xai",
        // Names of other routers: Portkey, Bifrost, TensorZero, and those that take theirs from models.dev.
        "amazon-bedrock": "bedrock", "aws_bedrock": "bedrock", "azure-openai": "azure", "azure_openai": "azure",
        "fireworks-ai": "fireworks_ai", "gcp_vertex_anthropic": "vertex_ai", "gcp_vertex_gemini": "vertex_ai",
        "google-vertex": "vertex_ai", "google_ai_studio_gemini": "google", "mistral-ai": "mistral",
        "perplexity-ai": "perplexity", "stability-ai": "stability", "together-ai": "together_ai",
        "togetherai": "together_ai", "vertex": "vertex_ai", "vertex-ai": "vertex_ai",
    ]

    /// The labels, each with the provider it means.
    static var known: [(label: String, provider: String)] { labels.map { ($0.key, $0.value) } }

    package static func canonical(_ name: String) -> String {
        let name = folded(name)
        if let known = labels[name] { return known }
        if name.hasPrefix("vertex_ai-") { return "vertex_ai" }
        return name.hasPrefix("text-completion-") ? String(name.dropFirst(16)) : name
    }

    /// The name without capitals. Nearly all names have none, and are returned as they are.
    static func folded(_ name: String) -> String {
        // Looks at every byte, which takes less time than to decide after each: every call asks this of its model.
        let hasCapitals = name.utf8.withContiguousStorageIfAvailable { bytes in
            var marks: UInt8 = 0
            for byte in bytes {
                let isCapital: UInt8 = byte &- UInt8(ascii: "A") < 26 ? 0x80 : 0
                marks |= byte | isCapital
            }
            return marks >= 0x80
        }
        return hasCapitals == false ? name : name.lowercased()
    }
}

extension ModelName {
    /// The name as names are compared: without capitals.
    var folded: ModelName {
        ModelName(provider: ProviderName.folded(provider), model: ProviderName.folded(model))
    }
}
