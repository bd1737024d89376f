/// What one call costs, with the rate behind each line.
package struct RatedCall: Sendable {
    package struct Line: Sendable {
        package let meter: Meter
        package let quantity: Int64
        /// The prompt of its pass; 0 for the whole prompt.
        package let passTokens: Int64
        /// Nil where the meter has no price: the call is then unpriced.
        package let rate: Rate?
        /// More than `quantity` where the call used less of the meter than it is charged for at the least.
        package fileprivate(set) var billedQuantity: Int64

        init(_ line: Quantities.Line, rate: Rate?) {
            (meter, quantity, passTokens) = (line.meter, line.quantity, line.passTokens)
            self.rate = rate
            billedQuantity = line.quantity
        }

        /// What the line costs, unrounded, in 5e-16 USD; nil where the meter has no price.
        package var halfFemtodollars: Int128? { rate?.halfFemtodollars(for: billedQuantity) }
    }

    /// At list prices; nil if any line has no list price.
    package let listCost: Money?
    /// What is paid: the cost under the agreement that applies, otherwise the list cost. Nil if any line has no price;
    /// such a call is never counted as 0.
    package let cost: Money?
    /// At list prices.
    package let lines: [Line]
    package let agreement: Agreement?
    /// At the agreement's rates; nil if it has none.
    package let agreedLines: [Line]?
    /// In 5e-16 USD, unrounded; nil if a line has no price.
    private let listSum: Int128?
    private let paidSum: Int128?

    /// A call that is rated at list prices alone.
    init(sum: Int128?, lines: [Line]) {
        listCost = sum.flatMap { Rate.nanodollars(fromHalfFemtodollars: $0) }.map(Money.init(nanodollars:))
        cost = listCost
        self.lines = lines
        agreement = nil
        agreedLines = nil
        (listSum, paidSum) = (sum, sum)
    }

    /// A call that is rated under an agreement.
    ///
    /// - Parameter agreed: the same call at the agreement's rates, if it has any.
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

    /// A call whose cost is stated, not rated: no price stands behind its lines.
    package init(stating cost: Money?, listCost: Money?, of quantities: Quantities) {
        self.listCost = listCost
        self.cost = cost
        lines = quantities.lines.map { Line($0, rate: nil) }
        (agreement, agreedLines) = (nil, nil)
        (listSum, paidSum) = (nil, nil)
    }

    /// The difference between a rating and an earlier rating of the same call.
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
            lines: quantities.lines.map { Line($0, rate: nil) })
    }

    /// Whether the call costs more than `most`, by the list or as it is paid. The sum may even be too large for any
    /// amount.
    package func exceeds(_ most: Money) -> Bool {
        listSum != nil && (listCost.map { $0 > most } ?? true) || paidSum != nil && (cost.map { $0 > most } ?? true)
    }
}

extension [RatedCall.Line] {
    /// Bills what a call is charged for at the least. The least is the call's: what several passes used of a meter counts
    /// together, and what is missing is billed with the first of them.
    mutating func billLeastQuantities() {
        for (place, line) in enumerated() {
            guard let least = line.rate?.leastQuantity, !self[..<place].contains(where: { $0.meter == line.meter })
            else { continue }
            let used = self[place...].reduce(Int64(0)) { $1.meter == line.meter ? $0.plus($1.quantity) : $0 }
            self[place].billedQuantity = line.quantity.plus(Swift.max(0, least - used))
        }
    }
}
