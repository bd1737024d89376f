/// A price of one unit of a meter, and the price row it was read from.
package struct Rate: Hashable, Sendable {
    package let meter: Meter
    /// In 5e-16 USD, so that half of any price (a batch rate that follows from the standard one) stays exact.
    package let halfFemtodollarsPerUnit: Int64
    package let priceID: Int64

    package static let halfFemtodollarsPerNanodollar: Int128 = 2_000_000

    /// In USD a unit, the shortest exact decimal text.
    package var usdPerUnit: String { FixedPoint.text(Int128(halfFemtodollarsPerUnit) * 5, places: 16) }

    /// What `quantity` units cost, unrounded.
    package func halfFemtodollars(for quantity: Int64) -> Int128 { Int128(quantity) * Int128(halfFemtodollarsPerUnit) }

    /// Rounds a summed cost once, half to even, to nanodollars; nil where it does not fit in 64 bits.
    package static func nanodollars(fromHalfFemtodollars sum: Int128) -> Int64? {
        let (quotient, remainder) = sum.magnitude.quotientAndRemainder(
            dividingBy: halfFemtodollarsPerNanodollar.magnitude)
        let half = halfFemtodollarsPerNanodollar.magnitude / 2
        let isUp = remainder > half || (remainder == half && quotient % 2 == 1)
        let rounded = Int128(quotient) + (isUp ? 1 : 0)
        return Int64(exactly: sum < 0 ? -rounded : rounded)
    }
}
