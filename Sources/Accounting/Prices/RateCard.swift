/// Every rate of one model in one tier, for prompts of one range of sizes, at one time: fallbacks resolved.
package final class RateCard: Sendable {
    /// Those of named meters first.
    package let rates: [Rate]
    /// The dearest rate an output token can have; nil where the model has no output.
    package let dearestOutput: Rate?
    /// For each of `Meter.named` where its rate stands in `rates`; -1 where it has none.
    private let places: [Int8]

    init(rates: [Rate]) {
        self.rates = rates
        dearestOutput =
            rates
            .filter { $0.meter == .output || Meter.outputParts.contains($0.meter) }
            .max { $0.halfFemtodollarsPerUnit < $1.halfFemtodollarsPerUnit }
        var places = Array(repeating: Int8(-1), count: Meter.named.count)
        for (place, rate) in rates.enumerated() {
            if let ordinal = rate.meter.ordinal { places[Int(ordinal)] = Int8(place) }
        }
        self.places = places
    }

    package func rate(for meter: Meter) -> Rate? {
        guard let ordinal = meter.ordinal else { return rates.first { $0.meter == meter } }
        let place = Int(places[Int(ordinal)])
        return place < 0 ? nil : rates[place]
    }

    /// What `quantities` cost: each line times its rate, summed in 128 bits and rounded once.
    package func rate(_ quantities: Quantities) -> RatedCall {
        var sum: Int128 = 0
        var isPriced = true
        let lines = quantities.lines.map { line in
            let rate = rate(for: line.meter)
            if let rate { sum += rate.halfFemtodollars(for: line.quantity) } else { isPriced = false }
            return RatedCall.Line(meter: line.meter, quantity: line.quantity, rate: rate)
        }
        let cost = isPriced ? Rate.nanodollars(fromHalfFemtodollars: sum).map(Money.init(nanodollars:)) : nil
        return RatedCall(cost: cost, lines: lines)
    }
}

/// What one call costs, with the rate behind each line.
package struct RatedCall: Sendable {
    package struct Line: Sendable {
        package let meter: Meter
        package let quantity: Int64
        /// Nil where the meter has no price: the call is then unpriced.
        package let rate: Rate?
    }

    /// Nil where any line has no price; such a call is never counted as 0.
    package let cost: Money?
    package let lines: [Line]

    package init(cost: Money?, lines: [Line]) {
        self.cost = cost
        self.lines = lines
    }

    /// Whether it costs more than one call may.
    package var isTooDear: Bool {
        if let cost { return cost > .maximumCost }
        // Every line has its rate, and still there is no sum.
        return !lines.isEmpty && lines.allSatisfy { $0.rate != nil }
    }

    package static func unpriced(_ quantities: Quantities) -> RatedCall {
        // A call that used nothing costs nothing, whatever the price would have been.
        RatedCall(
            cost: quantities.lines.isEmpty ? .zero : nil,
            lines: quantities.lines.map { Line(meter: $0.meter, quantity: $0.quantity, rate: nil) })
    }
}
