/// Whose words a usage object is written in.
package enum UsageFormat: String, Sendable, CaseIterable {
    case purser
    /// OpenAI's chat completions and embeddings, and the many APIs that took over their words: Azure, DeepSeek, Groq,
    /// Mistral, OpenRouter, xAI.
    case openAIChat = "openai.chat"
    /// OpenAI's responses, images, transcriptions and realtime, and xAI's responses.
    case openAIResponses = "openai.responses"
    case anthropic
    /// The Gemini API, Vertex AI and the Interactions API.
    case gemini
    /// Bedrock's Converse, and InvokeModel where it answers in the same words.
    case bedrock
    case cohere
}
