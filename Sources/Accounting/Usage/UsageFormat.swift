/// The provider's format in which a usage object is written.
package enum UsageFormat: String, Sendable, CaseIterable {
    case purser
    /// OpenAI's chat completions and embeddings, and the many APIs that adopted their field names: Azure, DeepSeek,
    /// Groq, Mistral, OpenRouter, xAI.
    case openAIChat = "openai.chat"
    /// OpenAI's responses, images, transcriptions and realtime, and xAI's responses.
    case openAIResponses = "openai.responses"
    case anthropic
    /// The Gemini API, Vertex AI and the Interactions API.
    case gemini
    /// Bedrock's Converse, and InvokeModel if it answers with the same field names.
    case bedrock
    case cohere
}
