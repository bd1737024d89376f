import Accounting

/// What one USD was worth in another currency on a day.
package struct CurrencyRate: Sendable, Equatable {
    /// The decimal places that a rate has at the most.
    static let places = 9

    /// Three capital letters, as in ISO 4217: `EUR`.
    package let currency: String
    package let day: CalendarDay
    /// How much of the currency one USD was, in billionths of it. More than 0.
    let billionthsPerUSD: Int64

    /// The rate as programs get it: `0.9215`.
    package var perUSD: String { FixedPoint.text(billionthsPerUSD, places: Self.places) }
}
