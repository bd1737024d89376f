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

    /// What `quantities` cost by these rates: each line times its rate, summed in 128 bits and rounded once.
    package func rate(_ quantities: Quantities) -> RatedCall {
        var sum: Int128 = 0
        var isPriced = true
        let lines = quantities.lines.map { line in
            let rate = rate(for: line.meter)
            if let rate { sum += rate.halfFemtodollars(for: line.quantity) } else { isPriced = false }
            return RatedCall.Line(meter: line.meter, quantity: line.quantity, rate: rate)
        }
        return RatedCall(sum: isPriced ? sum : nil, lines: lines)
    }
}
