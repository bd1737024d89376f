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

    package static func nanodollars(_ nanodollars: Int128) -> FOCUSDecimal {
        FOCUSDecimal(amount: nanodollars * unitsPerNanodollar)
    }

    /// Always with a decimal point: readers take a column without one for whole numbers.
    package var text: String {
        let text = FixedPoint.text(value, places: places)
        return text.utf8.contains(UInt8(ascii: ".")) ? text : text + ".0"
    }
}
