import Accounting
import ArgumentParser
import JSON
import Ledger

/// Prices for programs are those of one unit, to the last place. People think of tokens by the million.
extension Column {
    static let price: [Column] = [
        .text("id"), .text("provider"), .text("model"), .text("meter"), .text("service_tier"),
        .text("above_context_tokens"), .text("region"), .text("hours"), .price("unit_price_usd"),
        .text("least_quantity"), .time("valid_from"), .time("valid_until"), .text("superseded_by"), .text("source"),
    ]

    /// The provider and the model of prices that are those of several models.
    static let pricedModel: [Column] = [.text("provider"), .text("model")]

    static let shownPrice: [Column] = [
        .text("meter"), .text("service_tier", title: "TIER"), above, .text("region"), .text("hours"),
        priceOfMany("unit_price_usd", title: "USD"), perHowMany, .text("least_quantity", title: "AT LEAST"),
        dayOrTime("valid_from", title: "FROM"), dayOrTime("valid_until", title: "UNTIL"),
        .text("superseded_by", title: "SUPERSEDED BY"),
    ]

    static let shownPriceChange: [Column] =
        pricedModel + [
            .text("meter"), .text("service_tier", title: "TIER"), above, .text("region"), .text("hours"),
            priceOfMany("former_unit_price_usd", title: "USD BEFORE"), priceOfMany("unit_price_usd", title: "USD NOW"),
            perHowMany, .text("former_least_quantity", title: "AT LEAST BEFORE"),
            .text("least_quantity", title: "AT LEAST NOW"), dayOrTime("valid_from", title: "FROM"),
            dayOrTime("valid_until", title: "UNTIL"),
        ]

    static let priceFinding: [Column] = [.text("kind"), .text("provider"), .text("model"), .prose("detail")]

    /// Most prices are those of prompts of any size.
    private static let above = Column("above_context_tokens", title: "ABOVE CONTEXT") { price in
        price["above_context_tokens"]?.integer == 0 ? .absent : Cell(price["above_context_tokens"])
    }

    private static let perHowMany = Column("per") { isOfTokens($0) ? .text("1M") : .text("1") }

    private static func priceOfMany(_ name: String, title: String) -> Column {
        Column(name, title: title) { price in
            guard isOfTokens(price), let text = price.field(name)?.string,
                let femtodollars = FixedPoint.parse(text, places: Price.places)
            else { return Cell(price.field(name), text: Cell.price) }
            // A price per token in femtodollars has the same digits as one per million tokens with nine places.
            return .price(FixedPoint.text(femtodollars, places: Price.places - 6))
        }
    }

    private static func isOfTokens(_ price: JSONValue) -> Bool { price["meter"]?.string?.hasSuffix("_tokens") ?? false }

    private static func dayOrTime(_ name: String, title: String) -> Column {
        Column(name, title: title) { price in
            guard let text = price.field(name)?.string else { return .absent }
            return .text(Timestamp(rfc3339: text)?.dayOrTime ?? text)
        }
    }
}

extension ListingOptions {
    /// Shows the prices in an answer: to people by the million tokens, and without the columns that say nothing.
    func writePrices(_ answer: Answer, ofOneModel isOfOneModel: Bool, title: TableTitle) throws {
        guard output == .table else { return try write(answer, "prices", columns: Column.price) }
        let columns = (isOfOneModel ? [] : Column.pricedModel) + Column.shownPrice
        let prices = try answer.objects("prices")
        let shown = isOfOneModel ? CurrentPrices.of(prices, at: SystemClock.wallTime()) : prices
        try write(answer, listing: Listing(shown, columns: columns).withoutEmptyColumns, title: title)
    }
}
