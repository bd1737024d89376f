/// How much of each meter a call used. The quantities are disjoint and positive. Each meter occurs once, and the token
/// meters come first in their fixed order.
package struct Quantities: Hashable, Sendable {
    package struct Line: Hashable, Sendable {
        package let meter: Meter
        package let quantity: Int64

        package init(meter: Meter, quantity: Int64) {
            self.meter = meter
            self.quantity = quantity
        }
    }

    package private(set) var lines: [Line] = []

    package init() {}

    package init(stored lines: [Line]) { self.lines = lines }

    package mutating func add(_ meter: Meter, _ quantity: Int64) {
        guard quantity > 0 else { return }
        lines.append(Line(meter: meter, quantity: quantity))
    }

    package func of(_ meter: Meter) -> Int64 { lines.first { $0.meter == meter }?.quantity ?? 0 }

    /// The whole prompt, including its cached and written parts.
    package var inputTokens: Int64 { lines.reduce(0) { $1.meter.isOfInput ? $0.plus($1.quantity) : $0 } }
    /// The whole output, including reasoning.
    package var outputTokens: Int64 { lines.reduce(0) { $1.meter.isOfOutput ? $0.plus($1.quantity) : $0 } }
    package var totalTokens: Int64 { inputTokens.plus(outputTokens) }
}
