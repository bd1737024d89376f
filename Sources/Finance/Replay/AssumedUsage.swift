import Accounting
import HeapModule

/// The usage of calls that were denied in truth and that the replay admits: as long an answer, for as long a time, as
/// the calls of the same feature and model had so far.
struct AssumedUsage {
    struct Call {
        fileprivate let number: Int
        fileprivate let endsAt: Timestamp
        let hold: Hold
        let quantities: Quantities
        let row: Int
        /// What it was charged at its end; nil before.
        fileprivate(set) var spending: ReplayedCall.Spending?
    }

    /// When a call ends or, if it has, is forgotten.
    private struct Due: Comparable {
        let at: Timestamp
        let number: Int
        let name: RequestName

        static func < (left: Due, right: Due) -> Bool { (left.at, left.number) < (right.at, right.number) }
        static func == (left: Due, right: Due) -> Bool { left.number == right.number }
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
    private var calls: [RequestName: Call] = [:]
    private var due = Heap<Due>()
    private var count = 0

    /// What a call is taken to last before any of its kind has ended.
    private static let usualMicroseconds: Int64 = 5_000_000
    /// For how long after its end a call that was denied in truth may be asked again.
    private static let rememberedSeconds: Int64 = 3_600

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
        let (endsAt, name) = (call.at.adding(microseconds: passed), call.call.requestName)
        calls[name] = Call(number: count, endsAt: endsAt, hold: hold, quantities: quantities, row: row)
        due.insert(Due(at: endsAt, number: count, name: name))
    }

    /// The call of a name that is asked again, which is no longer assumed.
    mutating func take(_ name: RequestName) -> Call? { calls.removeValue(forKey: name) }

    /// The next call that ends. The caller says with `ended` what it was charged.
    mutating func nextEnd(by now: Timestamp) -> Call? {
        while let next = due.min, next.at <= now {
            due.removeMin()
            guard let call = calls[next.name], call.number == next.number else { continue }
            if call.spending == nil { return call }
            calls[next.name] = nil
        }
        return nil
    }

    mutating func ended(_ call: Call, charged spending: ReplayedCall.Spending) {
        let name = call.hold.requestName
        calls[name]?.spending = spending
        let at = call.endsAt.adding(seconds: Self.rememberedSeconds)
        due.insert(Due(at: at, number: call.number, name: name))
    }
}
