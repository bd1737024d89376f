import Accounting
import SeededRandom

/// One call of a team, which asks for the best model.
package struct TrafficCall: Sendable {
    package let at: Timestamp
    package let feature: String
    package let inputTokens: Int64
    package let outputTokens: Int64

    package init(at: Timestamp, feature: String, inputTokens: Int64, outputTokens: Int64) {
        self.at = at
        self.feature = feature
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
    }
}

extension [TrafficCall] {
    /// The calls of one hour, stretched over a window as `shape` has it. They keep their order and their sizes.
    package func stretched(over shape: WeekShape) -> [TrafficCall] {
        guard let first = first?.at.microseconds, let last = last?.at.microseconds else { return [] }
        return map {
            TrafficCall(
                at: shape.moment(of: $0.at.microseconds - first, in: last - first + 1), feature: $0.feature,
                inputTokens: $0.inputTokens, outputTokens: $0.outputTokens)
        }
    }

    /// Calls of two features, one with long prompts and short answers and one with shorter prompts and longer answers, of
    /// very different sizes and on busier and quieter days.
    package static func synthetic(seed: UInt64, count: Int, in window: WindowSpan) -> [TrafficCall] {
        var random = SplitMix64(seed: seed)
        let factors = (0..<400).map { _ in random.int64(70...130) }
        let shape = WeekShape(of: window) { factors[$0] }
        let whole: Int64 = 1 << 40
        let parts = (0..<count).map { _ in random.int64(0...whole - 1) }.sorted()
        return parts.map { part in
            let isCode = random.chance(percent: 31)
            func tokens(_ sizes: ClosedRange<Int>) -> Int64 {
                let size = Int64(1) << Int64(random.int(sizes))
                return size + random.int64(0...size - 1)
            }
            return TrafficCall(
                at: shape.moment(of: part, in: whole), feature: isCode ? "code" : "chat",
                inputTokens: tokens(isCode ? 7...12 : 6...11), outputTokens: tokens(isCode ? 2...5 : 5...8))
        }
    }
}
