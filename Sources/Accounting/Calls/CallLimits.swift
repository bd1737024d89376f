/// The most that one call may use and cost. No real call comes near the standard limits, so what exceeds them is a
/// mistake, such as a count in the wrong unit. A deployment whose calls are larger sets its own.
package struct CallLimits: Hashable, Sendable {
    /// The most tokens in all, and the most of each other meter.
    package let quantity: Int64
    package let cost: Money

    package static let standard = CallLimits(quantity: 1_000_000_000, cost: Money(nanodollars: 10_000 * 1_000_000_000))
    /// The largest limits that may be set. The amounts of all calls in a batch of the ledger can then still be summed.
    package static let greatest = CallLimits(quantity: Usage.maximumQuantity, cost: .maximumCost)

    package init(quantity: Int64, cost: Money) {
        self.quantity = quantity
        self.cost = cost
    }

    /// What the count of any meter must be, before a call and after it.
    package var quantityExpectation: String { "a whole number from 0 to \(quantity), \(Self.mostOfOneCall)" }

    /// What the least output of a call must be.
    package var leastOutputExpectation: String { "a whole number from 1 to \(quantity), \(Self.mostOfOneCall)" }

    /// Why a call may not use so much, to complete the sentence "The usage …"; nil if it may.
    package func problem(with quantities: Quantities) -> String? {
        let tokens = quantities.totalTokens
        if tokens > quantity { return "counts \(tokens) tokens, \(excess)" }
        let dear = quantities.lines.first { $0.quantity > quantity }
        return dear.map { "counts \($0.quantity) \($0.meter), \(excess)" }
    }

    /// Why an estimate of so many tokens is refused; nil if it is not.
    func problem(withTokens tokens: Int64?) -> String? {
        guard let tokens, tokens > quantity else { return nil }
        return "could use \(tokens) tokens, \(excess)"
    }

    private var excess: String { "more than \(quantity), \(Self.mostOfOneCall)" }
    private static let mostOfOneCall = "the most that one call may use (PURSER_MAX_CALL_TOKENS)"
}
