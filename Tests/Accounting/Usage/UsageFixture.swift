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

extension Rater {
    /// By the prices of one model, without agreements.
    static func atList(_ model: ModelPrices) -> Rater {
        let prices = PriceBook(models: [model])
        return Rater(prices: prices, agreements: AgreementBook([], prices: prices))
    }
}

extension Quantities {
    /// Quantities by meter name, as the tests write them.
    var table: [String: Int64] { Dictionary(lines.map { ($0.meter.name, $0.quantity) }, uniquingKeysWith: +) }
}

/// One provider's usage object, and the expected reading.
struct RawUsage: Sendable, CustomTestStringConvertible {
    let name: String
    /// The JSON that a router sends.
    let json: String
    let format: UsageFormat
    let meters: [String: Int64]
    var residual: Int64 = 0
    /// The cost that the object states.
    var costNanodollars: Int64?
    var tier: ServiceTier?
    var region: String?
    /// The part of `json` that is kept; nil where all of it is kept.
    var kept: String?
    /// What is told of the object besides a residual.
    var told: [CallWarning.Code] = []
    /// The fields that are told as unread.
    var unread: [String] = []

    var warnings: Set<CallWarning.Code> {
        Set(told + (unread.isEmpty ? [] : [.unreadFields]) + (residual == 0 ? [] : [.totalDiffers]))
    }

    var testDescription: String { name }

    static let all =
        chat + relatives + openRouter + responses + realtime + anthropic + gemini + vertex + bedrock + cohere + sdks
        + agents + tracing + servers + meters + partial
}
