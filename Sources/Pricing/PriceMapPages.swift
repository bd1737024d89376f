/// The display names of the price map's providers, and the pages on which they publish their prices.
enum PriceMapPages {
    typealias Page = (title: String, url: String)

    private static let pages: [String: Page] = [
        "anthropic": ("Anthropic", "https://platform.claude.com/docs/en/about-claude/pricing"),
        "azure": (
            "Azure OpenAI", "https://azure.microsoft.com/en-us/pricing/details/cognitive-services/openai-service/"
        ),
        "azure_ai": ("Azure AI Foundry", "https://azure.microsoft.com/en-us/pricing/details/ai-foundry/"),
        "bedrock": ("Amazon Bedrock", "https://aws.amazon.com/bedrock/pricing/"),
        "bedrock_mantle": (
            "Amazon Bedrock, its OpenAI-compatible endpoint,", "https://aws.amazon.com/bedrock/pricing/"
        ),
        "cohere": ("Cohere", "https://cohere.com/pricing"),
        "dashscope": ("Alibaba Cloud Model Studio", "https://www.alibabacloud.com/help/en/model-studio/model-pricing"),
        "databricks": ("Databricks", "https://www.databricks.com/product/pricing/foundation-model-serving"),
        "deepseek": ("DeepSeek", "https://api-docs.deepseek.com/quick_start/pricing"),
        "fireworks_ai": ("Fireworks AI", "https://fireworks.ai/pricing"),
        "google": ("Google, the Gemini API,", "https://ai.google.dev/gemini-api/docs/pricing"),
        "groq": ("Groq", "https://groq.com/pricing"),
        "mistral": ("Mistral AI", "https://mistral.ai/pricing"),
        "openai": ("OpenAI", "https://developers.openai.com/api/docs/pricing"),
        "perplexity": ("Perplexity", "https://docs.perplexity.ai/getting-started/pricing"),
        "together_ai": ("Together AI", "https://www.together.ai/pricing"),
        "vertex_ai": ("Google Cloud Vertex AI", "https://cloud.google.com/vertex-ai/generative-ai/pricing"),
        "xai": ("xAI", "https://docs.x.ai/docs/models"),
    ]

    static func title(of provider: String) -> String { pages[provider]?.title ?? provider }

    /// The provider's page if it is listed here; else the page that most of its entries name as their source.
    static func url(of provider: String, sources: [String]) -> String? {
        if let page = pages[provider] { return page.url }
        let counts = Dictionary(sources.filter(isURL).map { ($0, 1) }, uniquingKeysWith: +)
        return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }

    private static func isURL(_ text: String) -> Bool {
        text.hasPrefix("https://") && text.utf8.count <= 256
            && text.utf8.allSatisfy { $0 > UInt8(ascii: " ") && $0 < 0x7f && !"*\"'#".utf8.contains($0) }
    }
}
