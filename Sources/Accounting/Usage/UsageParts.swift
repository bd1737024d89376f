/// The wholes of a call and their parts, before the wholes are split into disjoint meters.
struct UsageParts {
    /// What was counted of each named meter, by its ordinal.
    private var counts = InlineArray<32, Int64>(repeating: 0)
    /// Which of those were given at all, as bits.
    private var given: UInt32 = 0
    private var others: [Quantities.Line] = []
    /// By how many tokens parts of parts are more than what they are of, where the whole does not show it.
    private var overlapTokens: Int64 = 0
    /// By how many tokens the provider's own figures differ from each other.
    var differenceTokens: Int64 = 0

    /// Sums of a provider's many counts end here, far from overflow and far above what is taken.
    private static let maximumSum: Int64 = 1 << 58

    var input: Int64 { self[.input] }
    var output: Int64 { self[.output] }
    var inputParts: Int64 { Meter.inputParts.reduce(0) { $0 + self[$1] } }
    var outputParts: Int64 { Meter.outputParts.reduce(0) { $0 + self[$1] } }

    subscript(meter: Meter) -> Int64 {
        if let ordinal = meter.ordinal { return counts[Int(ordinal)] }
        return others.first { $0.meter == meter }?.quantity ?? 0
    }

    func has(_ meter: Meter) -> Bool {
        if let ordinal = meter.ordinal { return given & 1 << ordinal != 0 }
        return others.contains { $0.meter == meter }
    }

    mutating func set(_ meter: Meter, _ quantity: Int64) {
        if let ordinal = meter.ordinal {
            counts[Int(ordinal)] = quantity
            given |= 1 << ordinal
        } else {
            others.removeAll { $0.meter == meter }
            others.append(Quantities.Line(meter: meter, quantity: quantity))
        }
    }

    mutating func add(_ meter: Meter, _ quantity: Int64) { set(meter, Self.sum(self[meter], quantity)) }

    static func sum(_ left: Int64, _ right: Int64) -> Int64 { min(left + right, maximumSum) }

    /// What is left of `whole` without `part`; a part larger than that is noted.
    mutating func rest(of whole: Int64, without part: Int64) -> Int64 {
        if part > whole { overlapTokens = Self.sum(overlapTokens, part - whole) }
        return max(0, whole - part)
    }

    /// Adds cache writes: the provider's `total` of them, and how many of them live how long. Where they differ the
    /// larger counts, what is not explained as the shortest-lived kind, and the difference is noted.
    mutating func addWrites(total: Int64, minutes: Int64, hour: Int64, halfDay: Int64 = 0, isSplit: Bool) {
        let known = minutes + hour + halfDay
        add(.cacheWrite, max(total, known) - hour - halfDay)
        add(.cacheWrite1h, hour)
        add(.cacheWrite12h, halfDay)
        if isSplit, total > 0 { differenceTokens += total - known }
    }

    /// By how much the provider's own `total` exceeds ours; providers that tell none are believed.
    func excess(of total: Int64) -> Int64 { total == 0 ? 0 : total - input - output }

    /// Tokens that the provider counts and the meters do not; negative where parts that overlap count more.
    var residualTokens: Int64 {
        if differenceTokens != 0 { return differenceTokens }
        let surplus = max(0, inputParts - input) + max(0, outputParts - output)
        return surplus > 0 ? -surplus : -overlapTokens
    }

    /// The disjoint quantities; parts that overlap keep their own counts.
    var quantities: Quantities {
        var quantities = Quantities()
        quantities.add(.input, input - inputParts)
        for meter in Meter.inputParts { quantities.add(meter, self[meter]) }
        quantities.add(.output, output - outputParts)
        for meter in Meter.outputParts { quantities.add(meter, self[meter]) }
        let hasPieces = (Meter.tokenMeters.count..<Meter.named.count).contains { counts[$0] > 0 }
        guard hasPieces || !others.isEmpty else { return quantities }
        let pieces = Meter.pieces.map { Quantities.Line(meter: $0, quantity: self[$0]) } + others
        for piece in pieces.sorted(by: { $0.meter.name < $1.meter.name }) {
            quantities.add(piece.meter, piece.quantity)
        }
        return quantities
    }
}
