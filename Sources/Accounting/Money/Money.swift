import Wording

/// An amount in USD, exact to the nanodollar (1e-9 USD), at most about 9.2 billion USD either way. Sums and differences
/// stop there.
package struct Money: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var nanodollars: Int64

    package static let places = 9
    package static let zero = Money(nanodollars: 0)
    /// The largest amount accepted from outside, so that sums of many amounts stay far from overflow.
    package static let maximumInput = Money(nanodollars: 1_000_000_000 * 1_000_000_000)

    /// The most that one call may ever cost, whatever `CallLimits` are set.
    package static let maximumCost = Money(nanodollars: 1_000_000 * 1_000_000_000)

    package init(nanodollars: Int64) { self.nanodollars = nanodollars }

    /// Reads a decimal text in USD of up to nine places.
    package init?(usd text: some StringProtocol) {
        guard let nanodollars = FixedPoint.parse(text, places: Self.places) else { return nil }
        self.nanodollars = nanodollars
    }

    /// The shortest decimal text in USD, as the API writes it.
    package var usd: String { FixedPoint.text(nanodollars, places: Self.places) }
    package var description: String { Phrase.dollars(usd) }

    package static func < (left: Money, right: Money) -> Bool { left.nanodollars < right.nanodollars }
    package static func + (left: Money, right: Money) -> Money {
        Money(nanodollars: left.nanodollars.plus(right.nanodollars))
    }
    package static func - (left: Money, right: Money) -> Money {
        Money(nanodollars: left.nanodollars.minus(right.nanodollars))
    }
}
