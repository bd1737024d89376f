/// Every rate of one model in one tier, for one range of prompt sizes, at one time. Fallbacks are already resolved.
package final class RateCard: Sendable {
    /// The rates of named meters come first.
    package let rates: [Rate]
    /// The dearest rate that an output token can have; nil if the model has no output.
    package let dearestOutput: Rate?
    /// For each meter in `Meter.named`, the place of its rate in `rates`; -1 if it has none.
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
