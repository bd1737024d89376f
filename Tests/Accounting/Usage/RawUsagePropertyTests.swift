import JSON
import SeededRandom
import Testing

@testable import Accounting

@Suite("Any provider's usage object") struct RawUsagePropertyTests {
    /// What no two lines share.
    private struct Place: Hashable {
        let meter: Meter
        let passTokens: Int64

        init(_ line: Quantities.Line) { (meter, passTokens) = (line.meter, line.passTokens) }
    }

    @Test("that its provider may send is split into quantities that add up to its wholes", arguments: seeds)
    func addsUp(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<400 {
            for make in UsageMaker.all {
                let made = make(&random)
                let usage = try Usage.read(made.json)
                let lines = usage.quantities.lines
                #expect(usage.format == made.format, "seed \(seed): \(made.json)")
                #expect(lines.allSatisfy { $0.quantity > 0 }, "seed \(seed): \(made.json)")
                #expect(Set(lines.map(Place.init)).count == lines.count, "seed \(seed): \(made.json)")
                #expect(usage.quantities.inputTokens == made.input, "seed \(seed): \(made.json)")
                #expect(usage.quantities.outputTokens == made.output, "seed \(seed): \(made.json)")
                #expect(usage.residualTokens == 0, "seed \(seed): \(made.json)")
            }
        }
    }

    @Test("however absurd, is read into good quantities or refused", arguments: seeds)
    func absurd(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var readCount = 0
        for _ in 0..<400 {
            let json = Self.absurdObject(depth: 4, using: &random)
            for format in [nil] + UsageFormat.allCases.map(Optional.some) {
                guard let usage = try? Usage.read(json, format: format) else { continue }
                readCount += 1
                let lines = usage.quantities.lines
                #expect(lines.allSatisfy { (1...Usage.maximumQuantity).contains($0.quantity) }, "seed \(seed): \(json)")
                #expect(Set(lines.map(Place.init)).count == lines.count, "seed \(seed): \(json)")
                #expect(usage.providerCost.map { $0 >= .zero } ?? true, "seed \(seed): \(json)")
            }
        }
        #expect(readCount > 100)
    }

    /// Every field name that occurs in the objects of `RawUsage.all`.
    private static let names: [String] = {
        func names(in value: JSONValue) -> Set<String> {
            var all = Set(value.fields.map(\.name))
            for (_, inner) in value.fields { all.formUnion(names(in: inner)) }
            for inner in value.elements { all.formUnion(names(in: inner)) }
            return all
        }
        let all = RawUsage.all.map { (try? JSONDocument(text: $0.json).root).map(names(in:)) ?? [] }
        return all.reduce(into: Set<String>()) { $0.formUnion($1) }.sorted()
    }()

    private static func absurdObject(depth: Int, using random: inout SplitMix64) -> String {
        let fields = (0..<Int.random(in: 0...8, using: &random)).map { _ in
            "\"\(random.pick(names))\": \(absurdValue(depth: depth, using: &random))"
        }
        return "{" + fields.joined(separator: ", ") + "}"
    }

    private static func absurdValue(depth: Int, using random: inout SplitMix64) -> String {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<9: String(random.anySize(upTo: Usage.maximumQuantity))
        case 9:
            random.pick([
                "-1", "1e999999999999999999999", "0.5", "-0", "1E-7", "99999999999999999999999999999999999999999",
            ])
        case 10:
            random.pick(["null", "true", "\"AUDIO\"", "\"compaction\"", "\"duration\"", "\"\\u0041\"", "[]", "{}"])
        case 11...13 where depth > 0:
            "["
                + (0..<Int.random(in: 0...4, using: &random)).map { _ in absurdObject(depth: depth - 1, using: &random)
                }
                .joined(separator: ", ") + "]"
        default: depth > 0 ? absurdObject(depth: depth - 1, using: &random) : "0"
        }
    }
}
