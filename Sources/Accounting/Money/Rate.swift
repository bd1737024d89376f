/// A price of one unit of a meter, and the price row it was read from.
package struct Rate: Hashable, Sendable {
    /// In 5e-16 USD, so that half of any price (a batch rate derived from the standard rate) stays exact.
    package let halfFemtodollarsPerUnit: Int64
    package let priceID: Int64
    /// What a call that uses any of the meter is charged for at the least; nil if the price says nothing of it.
    package let leastQuantity: Int64?

    package init(halfFemtodollarsPerUnit: Int64, priceID: Int64, leastQuantity: Int64? = nil) {
        self.halfFemtodollarsPerUnit = halfFemtodollarsPerUnit
        self.priceID = priceID
        self.leastQuantity = leastQuantity
    }

    /// The same rate, with the least quantity of `list` if it says nothing of its own.
    func withLeastQuantity(of list: Rate?) -> Rate {
        guard leastQuantity == nil, let least = list?.leastQuantity else { return self }
        return Rate(halfFemtodollarsPerUnit: halfFemtodollarsPerUnit, priceID: priceID, leastQuantity: least)
    }

    package static let halfFemtodollarsPerNanodollar: Int128 = 2_000_000

    /// In USD a unit, the shortest exact decimal text.
    package var usdPerUnit: String { FixedPoint.text(Int128(halfFemtodollarsPerUnit) * 5, places: 16) }

    /// What `quantity` units cost, unrounded.
    package func halfFemtodollars(for quantity: Int64) -> Int128 {
        // This is one machine instruction; a product of two 128-bit numbers would be a function call.
        let (high, low) = quantity.multipliedFullWidth(by: halfFemtodollarsPerUnit)
        return Int128(high) &<< 64 | Int128(low)
    }

    /// Rounds a summed cost, or a share of it, once to nanodollars, half to even; nil if it does not fit in 64 bits.
    package static func nanodollars(fromHalfFemtodollars sum: Int128, share: Fraction = .whole) -> Int64? {
        guard share == .whole else {
            let (product, overflow) = sum.multipliedReportingOverflow(by: Int128(share.millionths))
            let divisor = halfFemtodollarsPerNanodollar * Int128(Fraction.whole.millionths)
            return overflow ? nil : signed(rounded(product.magnitude, by: divisor.magnitude), product)
        }
        // Nearly every sum fits in 64 bits, where a division takes a fraction of the time.
        if let small = UInt64(exactly: sum.magnitude) {
            return signed(rounded(small, by: UInt64(halfFemtodollarsPerNanodollar)), sum)
        }
        return signed(rounded(sum.magnitude, by: halfFemtodollarsPerNanodollar.magnitude), sum)
    }

    private static func signed(_ magnitude: some FixedWidthInteger & UnsignedInteger, _ sum: Int128) -> Int64? {
        Int64(exactly: Int128(magnitude) * sum.signum())
    }

    private static func rounded<Sum: FixedWidthInteger & UnsignedInteger>(_ sum: Sum, by divisor: Sum) -> Sum {
        let (quotient, remainder) = sum.quotientAndRemainder(dividingBy: divisor)
        let isUp = remainder > divisor / 2 || (remainder == divisor / 2 && quotient % 2 == 1)
        return isUp ? quotient + 1 : quotient
    }
}
