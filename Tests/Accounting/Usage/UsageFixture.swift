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
    let json: String
    let format: UsageFormat
    let meters: [String: Int64]
    var residual: Int64 = 0

    var testDescription: String { name }
}
