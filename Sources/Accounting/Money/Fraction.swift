import Wording

/// A share of a limit, such as `downgrade_at`, in millionths: 0.8 is 800,000.
package struct Fraction: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let millionths: Int64

    package static let places = 6
    package static let whole = Fraction(millionths: 1_000_000)

    package init(millionths: Int64) { self.millionths = millionths }

    /// Reads a decimal text such as `0.8` of up to six places.
    package init?(decimal text: some StringProtocol) {
        guard let millionths = FixedPoint.parse(text, places: Self.places) else { return nil }
        self.millionths = millionths
    }

    package var description: String { FixedPoint.text(millionths, places: Self.places) }
    /// As a percentage: `80%`.
    package var percent: String { Phrase.share(description) }

    /// Whether `amount` has reached this share of `limit`.
    package func isReached(by amount: Int64, of limit: Int64) -> Bool {
        Int128(amount) * Int128(Fraction.whole.millionths) >= Int128(limit) * Int128(millionths)
    }

    package static func < (left: Fraction, right: Fraction) -> Bool { left.millionths < right.millionths }
}
