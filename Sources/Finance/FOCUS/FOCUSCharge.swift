import Accounting

/// One row of the dataset of cost and usage.
package struct FOCUSCharge: Sendable {
    package enum Kind: Sendable, Equatable {
        /// What was used of a meter, at one price. Without a list price, the agreed one is all there is.
        case usage(hasListPrice: Bool)
        /// What was used of a meter and nobody knows the price of.
        case unpriced
        /// What is charged for calls that nobody settled.
        case estimated
        /// By how much the ledger's entries, each rounded to a nanodollar, differ from the exact costs.
        case rounding
        /// What a prepaid credit has paid.
        case credit(id: String)
    }

    package let kind: Kind
    /// As the team was made.
    package let team: String
    package let provider: String
    /// The day of the charge in the accounting time zone.
    package let day: CalendarDay
    /// Empty for rows that are of no model.
    package var model = ""
    package var tier = ""
    package var region = ""
    package var meter: Meter?
    package var priceID: Int64 = 0
    package var agreedPriceID: Int64 = 0
    package var agreement: String?
    package var quantity: Int128 = 0
    package var billedQuantity: Int128 = 0
    /// For one unit of the meter, in 1e-22 USD.
    package var listPrice: Int128 = 0
    package var contractedPrice: Int128 = 0
    /// In 1e-22 USD, as all that follow.
    package var listCost: Int128 = 0
    package var contractedCost: Int128 = 0
    package var cost: Int128 = 0

    package var isUsage: Bool {
        if case .usage = kind { true } else { false }
    }

    /// How many units of a meter are one of its pricing.
    private var unitPlaces: Int { meter?.isOfTokens == true ? 6 : 0 }

    /// Nil where nothing was priced.
    package var pricingQuantity: FOCUSDecimal? { isUsage ? FOCUSDecimal(billedQuantity, places: unitPlaces) : nil }
    package var listUnitPrice: FOCUSDecimal? { isUsage ? unitPrice(listPrice) : nil }
    package var contractedUnitPrice: FOCUSDecimal? { isUsage ? unitPrice(contractedPrice) : nil }

    private func unitPrice(_ price: Int128) -> FOCUSDecimal {
        FOCUSDecimal(price, places: FOCUSDecimal.amountPlaces - unitPlaces)
    }

    /// Whether the row says nothing, because what it was of has been taken back.
    var isEmpty: Bool { quantity == 0 && billedQuantity == 0 && listCost == 0 && contractedCost == 0 && cost == 0 }

    package var category: String {
        switch kind {
        case .usage: "Usage"
        case .credit: "Credit"
        case .unpriced, .estimated, .rounding: "Adjustment"
        }
    }

    /// What Purser says of the price, in a column of its own; nil for rows that have none by their nature.
    var priceStatus: String? {
        switch kind {
        case .usage(hasListPrice: true): "Priced"
        case .usage(hasListPrice: false): "No list price"
        case .unpriced: "Unpriced"
        case .estimated: "Estimated"
        case .rounding, .credit: nil
        }
    }
}
