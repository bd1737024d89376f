/// The one spelling of a provider's name, whoever writes it: without capitals, and under the name of the price book where
/// litellm's proxy and price map have labels of their own.
package enum ProviderName {
    /// Labels of litellm (`litellm_provider`, `custom_llm_provider`), and the providers that they mean.
    private static let labels = [
        "text-completion-openai": "openai", "cohere_chat": "cohere", "gemini": "google", "bedrock_converse": "bedrock",
        "azure_text": "azure", "fireworks_ai-embedding-models": "fireworks_ai", "amazon-nova": "amazon_nova",
        "vertex_ai_beta": "vertex_ai", "google_ai_studio": "google",
    ]

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
