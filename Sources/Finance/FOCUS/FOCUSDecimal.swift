import Accounting

/// An exact decimal number of a file.
package struct FOCUSDecimal: Sendable, Equatable {
    package let value: Int128
    package let places: Int

    /// The places of an amount in USD: a share in millionths of half a femtodollar needs so many.
    package static let amountPlaces = 22

    package init(_ value: Int128, places: Int) {
        (self.value, self.places) = (value, places)
    }

    package init(amount: Int128) { self.init(amount, places: Self.amountPlaces) }

    /// In units of an amount's last place.
    package static let unitsPerNanodollar: Int128 = 10_000_000_000_000

    /// The product of two numbers in units of an amount's last place, in such units; what follows is cut. Nil where it does not
    /// fit.
    static func product(_ left: Int128, _ right: Int128) -> Int128? {
        let one: UInt128 = 10_000_000_000_000_000_000_000
        let product = left.magnitude.multipliedFullWidth(by: right.magnitude)
        guard product.high < one else { return nil }
        let magnitude = one.dividingFullWidth(product).quotient
        guard let value = Int128(exactly: magnitude) else { return nil }
        return (left < 0) != (right < 0) ? -value : value
    }

    package static func nanodollars(_ nanodollars: Int128) -> FOCUSDecimal {
        FOCUSDecimal(amount: nanodollars * unitsPerNanodollar)
    }

    /// Always with a decimal point: readers take a column without one for whole numbers.
    package var text: String {
        let text = FixedPoint.text(value, places: places)
        return text.utf8.contains(UInt8(ascii: ".")) ? text : text + ".0"
    }
}
