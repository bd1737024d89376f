/// What one call costs, with the rate behind each line.
package struct RatedCall: Sendable {
    package struct Line: Sendable {
        package let meter: Meter
        package let quantity: Int64
        /// Nil where the meter has no price: the call is then unpriced.
        package let rate: Rate?
    }

    /// By the list; nil where any line has no list price.
    package let listCost: Money?
    /// What is paid: under the agreement that applies, else the list cost. Nil where any line has no price; such a call is
    /// never counted as 0.
    package let cost: Money?
    /// At list prices.
    package let lines: [Line]
    package let agreement: Agreement?
    /// At the agreement's rates; nil where it has none.
    package let agreedLines: [Line]?
    /// In 5e-16 USD, unrounded; nil where a line has no price.
    private let listSum: Int128?
    private let paidSum: Int128?

    /// By the list alone.
    init(sum: Int128?, lines: [Line]) {
        listCost = sum.flatMap { Rate.nanodollars(fromHalfFemtodollars: $0) }.map(Money.init(nanodollars:))
        cost = listCost
        self.lines = lines
        agreement = nil
        agreedLines = nil
        (listSum, paidSum) = (sum, sum)
    }

    /// Under an agreement.
    ///
    /// - Parameter agreed: the same call at the agreement's rates, where it has any.
    init(list: RatedCall, under agreement: Agreement, agreed: RatedCall?) {
        listCost = list.listCost
        listSum = list.listSum
        paidSum = (agreed ?? list).listSum
        cost = paidSum.flatMap { Rate.nanodollars(fromHalfFemtodollars: $0, share: agreement.share) }
            .map(Money.init(nanodollars:))
        lines = list.lines
        self.agreement = agreement
        agreedLines = agreed?.lines
    }

    /// What a rating differs from an earlier one of the same call by.
    package init(_ rated: RatedCall, differsInList listDifference: Money?, inCost difference: Money) {
        listCost = listDifference
        cost = difference
        lines = rated.lines
        agreement = rated.agreement
        agreedLines = rated.agreedLines
        (listSum, paidSum) = (nil, nil)
    }

    package static func unpriced(_ quantities: Quantities) -> RatedCall {
        // A call that used nothing costs nothing, whatever the price would have been.
        RatedCall(
            sum: quantities.lines.isEmpty ? 0 : nil,
            lines: quantities.lines.map { Line(meter: $0.meter, quantity: $0.quantity, rate: nil) })
    }

    /// Whether it costs more than one call may: a sum may also be too large for any amount.
    package var isTooDear: Bool {
        listSum != nil && (listCost.map { $0 > .maximumCost } ?? true)
            || paidSum != nil && (cost.map { $0 > .maximumCost } ?? true)
    }
}
