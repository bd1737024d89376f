import Accounting
import Foundation

/// One hour of two services, from the two files of the Azure Public Dataset: when each call came, the tokens of its prompt
/// and of its answer.
package enum AzureHour {
    private static let files = [
        (name: "azure_llm_2023_code.csv", feature: "code"), (name: "azure_llm_2023_conv.csv", feature: "chat"),
    ]

    package struct Unreadable: Error, CustomStringConvertible { package let description: String }

    /// The calls of both, in their order.
    package static func calls(in folder: String) throws -> [TrafficCall] {
        try files.flatMap { try calls(of: $0.feature, in: "\(folder)/\($0.name)") }.sorted { $0.at < $1.at }
    }

    private static func calls(of feature: String, in path: String) throws -> [TrafficCall] {
        guard let text = FileManager.default.contents(atPath: path).map({ String(decoding: $0, as: UTF8.self) }) else {
            throw Unreadable(description: "There is no \(path).")
        }
        return try text.split(whereSeparator: \.isNewline).dropFirst().map { line in
            // 2023-11-16 18:17:03.9799600,4808,10
            let fields = line.split(separator: ",")
            guard fields.count == 3, let input = Int64(fields[1]), let output = Int64(fields[2]),
                let moment = Timestamp(rfc3339: fields[0].prefix(26).replacing(" ", with: "T") + "Z")
            else { throw Unreadable(description: "\(path) has a line that is none of a call: \(line)") }
            return TrafficCall(at: moment, feature: feature, inputTokens: input, outputTokens: output)
        }
    }
}
