import Accounting
import HeapModule

/// The usage of calls that were denied in truth and that the replay admits: as long an answer, for as long a time, as
/// the calls of the same feature and model had so far.
struct AssumedUsage {
    /// The end of such a call.
    struct End: Comparable {
        let at: Timestamp
        let number: Int
        let hold: Hold
        let quantities: Quantities
        let row: Int

        static func < (left: End, right: End) -> Bool { (left.at, left.number) < (right.at, right.number) }
        static func == (left: End, right: End) -> Bool { left.number == right.number }
    }

    private struct Kind: Hashable {
        let team: String
        let feature: String?
        let model: ModelName
    }

    private struct Sum {
        var calls: Int64 = 0
        var outputTokens: Int64 = 0
        var microseconds: Int64 = 0
    }

    private var sums: [Kind: Sum] = [:]
    private var ends = Heap<End>()
    private var count = 0

    /// What a call is taken to last before any of its kind has ended.
    private static let usualMicroseconds: Int64 = 5_000_000

    mutating func learn(_ call: LoggedCall, _ quantities: Quantities, endedAt end: Timestamp) {
        guard let served = call.served else { return }
        let who = call.call.who
        let (output, passed) = (quantities.outputTokens, end.microseconds - call.at.microseconds)
        func add(_ sum: inout Sum) {
            sum.calls += 1
            sum.outputTokens.increase(by: output)
            sum.microseconds.increase(by: max(0, passed))
        }
        add(&sums[Kind(team: who.team, feature: who.feature, model: served), default: Sum()])
    }

    /// - Parameter most: the most output that the call was held for.
    mutating func add(_ hold: Hold, _ call: LoggedCall, most: Int64?, row: Int) {
        let sum = sums[Kind(team: hold.who.team, feature: hold.who.feature, model: hold.model)]
        let output = sum.map { $0.outputTokens / $0.calls } ?? most ?? 0
        let cached = min(call.call.cachedInputTokens, call.call.inputTokens)
        var quantities = Quantities()
        quantities.add(.input, call.call.inputTokens - cached)
        quantities.add(.cacheRead, cached)
        quantities.add(.output, min(output, most ?? output))
        let passed = sum.map { $0.microseconds / $0.calls } ?? Self.usualMicroseconds
        count += 1
        ends.insert(
            End(at: call.at.adding(microseconds: passed), number: count, hold: hold, quantities: quantities, row: row))
    }

    mutating func nextEnd(by now: Timestamp) -> End? {
        guard let next = ends.min, next.at <= now else { return nil }
        return ends.removeMin()
    }
}
