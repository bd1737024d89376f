import JSON
import Testing

@testable import Accounting

extension Usage {
    static func read(
        _ text: String, format: UsageFormat? = nil, pointer: String = "/usage", meters: Set<String> = []
    ) throws -> Usage {
        try UsageReader.read(
            try JSONDocument(text: text).root, format: format, pointer: pointer, isKnownMeter: meters.contains)
    }
}

extension Quantities {
    /// As a table of tests writes them.
    var table: [String: Int64] { Dictionary(uniqueKeysWithValues: lines.map { ($0.meter.name, $0.quantity) }) }
}

/// One provider's object, and what it must become.
struct RawUsage: Sendable, CustomTestStringConvertible {
    let name: String
    /// What a router sends.
    let json: String
    let format: UsageFormat
    let meters: [String: Int64]
    var residual: Int64 = 0
    /// What the object says the call cost.
    var costNanodollars: Int64?
    var tier: ServiceTier?
    var region: String?
    /// The part of `json` that is kept; nil where that is all of it.
    var kept: String?

    var testDescription: String { name }

    static let all =
        chat + relatives + openRouter + responses + realtime + anthropic + gemini + vertex + bedrock + cohere
}
