/// The forms of file that can be reconciled.
package enum ProviderForm: String, CaseIterable, Sendable {
    case openai, anthropic, aws, azure, google, openrouter, litellm, csv

    package static let names = allCases.map(\.rawValue).joined(separator: ", ")

    /// The providers in the ledger whose calls such a file bills; nil for all of them.
    package var ledgerProviders: [String]? {
        switch self {
        case .openai: ["openai"]
        case .anthropic: ["anthropic"]
        case .aws: ["bedrock", "bedrock_mantle"]
        case .azure: ["azure", "azure_ai"]
        case .google: ["google", "vertex_ai"]
        case .openrouter: ["openrouter"]
        case .litellm, .csv: nil
        }
    }

    /// Reads a whole file.
    ///
    /// - Parameter meters: what meter ids mean, by id.
    package func read(_ file: [UInt8], meters: [String: ProviderMeter] = [:]) throws -> ProviderFile {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let bytes = file.starts(with: mark) ? Array(file.dropFirst(mark.count)) : file
        return switch self {
        case .openai: try OpenAIFile.read(bytes)
        case .anthropic: try AnthropicFile.read(bytes)
        case .aws: try AWSFile.read(bytes)
        case .azure: try AzureFile.read(bytes, meters: meters)
        case .google: try GoogleFile.read(bytes)
        case .openrouter: try OpenRouterFile.read(bytes)
        case .litellm: try LiteLLMFile.read(bytes)
        case .csv: try PlainFile.read(bytes)
        }
    }
}
