/// How much of each meter a call used. The quantities are disjoint and positive. Each meter occurs once in a pass, and the
/// token meters come first in their fixed order.
package struct Quantities: Hashable, Sendable {
    package struct Line: Hashable, Sendable {
        package let meter: Meter
        package let quantity: Int64
        /// The prompt of the pass that used it, if the call made several passes over the model; 0 for the whole prompt.
        package let passTokens: Int64

        package init(meter: Meter, quantity: Int64, passTokens: Int64 = 0) {
            self.meter = meter
            self.quantity = quantity
            self.passTokens = passTokens
        }
    }

    package private(set) var lines: [Line] = []

    package init() {}

    package init(stored lines: [Line]) { self.lines = lines }

    package mutating func add(_ meter: Meter, _ quantity: Int64) {
        guard quantity > 0 else { return }
        lines.append(Line(meter: meter, quantity: quantity))
    }

    /// Adds the tokens of one of several passes. A threshold of the context is each pass's own.
    mutating func add(pass: Quantities) {
        let tokens = pass.inputTokens
        for line in pass.lines {
            let same = lines.firstIndex { $0.meter == line.meter && $0.passTokens == tokens }
            let before = same.map { lines.remove(at: $0).quantity } ?? 0
            lines.append(Line(meter: line.meter, quantity: before.plus(line.quantity), passTokens: tokens))
        }
    }

    package func of(_ meter: Meter) -> Int64 {
        lines.reduce(0) { $1.meter == meter ? $0.plus($1.quantity) : $0 }
    }

    package var hasPasses: Bool { lines.contains { $0.passTokens > 0 } }

    /// The whole prompt, including its cached and written parts.
    package var inputTokens: Int64 { lines.reduce(0) { $1.meter.isOfInput ? $0.plus($1.quantity) : $0 } }
    /// The whole output, including reasoning.
    package var outputTokens: Int64 { lines.reduce(0) { $1.meter.isOfOutput ? $0.plus($1.quantity) : $0 } }
    package var totalTokens: Int64 { inputTokens.plus(outputTokens) }

    /// The same usage with an answer that ends after so many tokens.
    package func withOutput(atMost most: Int64) -> Quantities {
        var left = most
        return Quantities(
            stored: lines.compactMap { line in
                guard line.meter.isOfOutput else { return line }
                let quantity = min(line.quantity, left)
                left -= quantity
                return quantity > 0
                    ? Line(meter: line.meter, quantity: quantity, passTokens: line.passTokens) : nil
            })
    }
}
