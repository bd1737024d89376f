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

    // What SDKs, agents and tools write. Each is a table of words (`UsageWords`).

    /// The AI SDK for TypeScript, versions 4 to 7, and what its providers give it.
    case vercel
    /// LangChain's `usage_metadata`.
    case langChain = "langchain"
    /// The Codex command and its app server.
    case codex
    /// The sums by model of a result of Claude Code.
    case claudeCode = "claude-code"
    /// The Gemini command's telemetry, statistics and session files.
    case geminiCLI = "gemini-cli"
    case pydanticAI = "pydantic-ai"
    /// OpenInference's span attributes.
    case openInference = "openinference"
    /// OpenTelemetry's GenAI span attributes.
    case openTelemetry = "opentelemetry"
    case langfuse
    case mastra
    /// Microsoft.Extensions.AI.
    case microsoft
    /// The gateway of Helicone.
    case helicone

    // What model servers answer that follow no other format.

    /// Llama with Bedrock's InvokeModel.
    case llama
    /// Titan with Bedrock's InvokeModel.
    case titan
    case ollama
    case watsonx
}
