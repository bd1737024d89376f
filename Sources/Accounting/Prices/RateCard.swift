/// Every rate of one model in one tier, for one range of prompt sizes, at one time. Fallbacks are already resolved.
///
/// A price book has thousands of cards, and most meters of a card have the rate of another. So each rate is there once.
package final class RateCard: Sendable {
    /// A meter and the rate that it has.
    struct Entry: Hashable {
        let meter: Meter
        let rate: Rate
    }

    /// The rates of named meters, each once.
    private let rates: [Rate]
    /// For each meter in `Meter.named`, the place of its rate in `rates`; -1 if it has none.
    private let places: [Int8]
    private let others: [Entry]
    /// The dearest rate that an output token can have; nil if the model has no output.
    package let dearestOutput: Rate?
    /// The dearest rate that a token of the prompt can have that is not read from a cache: the input rate or, where it is
    /// higher, that of a write to a cache. The same for a token of audio.
    let dearestInput: Rate?
    let dearestAudioInput: Rate?

    init(_ entries: [Entry]) {
        func dearest(of meters: [Meter]) -> Rate? {
            entries.filter { meters.contains($0.meter) }.map(\.rate)
                .max { $0.halfFemtodollarsPerUnit < $1.halfFemtodollarsPerUnit }
        }
        dearestOutput = dearest(of: [.output] + Meter.outputParts)
        dearestInput = dearest(of: [.input, .cacheWrite, .cacheWrite1h, .cacheWrite12h])
        dearestAudioInput = dearest(of: [.audioInput, .cacheWriteAudio])
        var rates: [Rate] = []
        var places = Array(repeating: Int8(-1), count: Meter.named.count)
        for entry in entries {
            guard let ordinal = entry.meter.ordinal else { continue }
            let place = rates.firstIndex(of: entry.rate) ?? rates.count
            if place == rates.count { rates.append(entry.rate) }
            places[Int(ordinal)] = Int8(place)
        }
        // Copies, which hold no more than they need.
        (self.rates, self.places) = (rates.map(\.self), places)
        others = entries.filter { !$0.meter.isNamed }
    }

    /// Every meter that has a rate, named ones first.
    package var meters: [Meter] { Meter.named.filter { rate(for: $0) != nil } + others.map(\.meter) }
    var isEmpty: Bool { rates.isEmpty && others.isEmpty }

    package func rate(for meter: Meter) -> Rate? {
        guard let ordinal = meter.ordinal else { return others.first { $0.meter == meter }?.rate }
        let place = Int(places[Int(ordinal)])
        return place < 0 ? nil : rates[place]
    }

    /// What `quantities` cost by these rates: each line times its rate, summed in 128 bits and rounded once.
    package func rate(_ quantities: Quantities) -> RatedCall { Self.rate(quantities) { _ in self } }

    /// The same, with the card of each line's own pass. Nil where there is no price yet. `list` is the same call at list
    /// prices, if these are agreed rates.
    static func rate(
        _ quantities: Quantities, list: RatedCall? = nil, card: (Quantities.Line) -> RateCard?
    ) -> RatedCall {
        let isDetailed = quantities.lines.contains { $0.meter.isOutputMedium }
        var lines = quantities.lines.enumerated().map { place, line in
            let rate = card(line)?.rate(for: line.meter, isDetailed: isDetailed)
            return RatedCall.Line(line, rate: rate?.withLeastQuantity(of: list?.lines[place].rate))
        }
        lines.billLeastQuantities()
        var sum: Int128 = 0
        for line in lines {
            guard let amount = line.halfFemtodollars else { return RatedCall(sum: nil, lines: lines) }
            sum += amount
        }
        return RatedCall(sum: sum, lines: lines)
    }

    /// The output of a model of images or of speech is that, unless its details say more.
    private func rate(for meter: Meter, isDetailed: Bool) -> Rate? {
        if meter == .output, !isDetailed, let rate = rate(for: .undetailedOutput) { return rate }
        return rate(for: meter)
    }
}
