/// The wholes of a call and their parts, before the wholes are split into disjoint meters.
struct UsageParts {
    /// The count of each named meter, by its ordinal.
    private var counts = InlineArray<32, Int64>(repeating: 0)
    /// Which of these counts were given at all, as bits.
    private var given: UInt32 = 0
    private var others: [Quantities.Line] = []
    /// By how many tokens parts exceed their wholes or, if they do not, parts of a part that part.
    var overlapTokens: Int64 = 0
    /// By how many tokens the provider's own figures disagree.
    var differenceTokens: Int64 = 0
    /// The provider's own count of all tokens; 0 if it says none.
    var total: Int64 = 0

    /// Sums of a provider's counts are cut off here, far from overflow and far above any accepted quantity.
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

    init() {}

    /// The tokens of several passes.
    init(tokensOf passes: [UsageParts]) {
        for pass in passes {
            for meter in Meter.tokenMeters { add(meter, pass[meter]) }
        }
    }

    /// Gives passes what only the totals of the call say: how long their cache writes last, and what of their output is
    /// reasoning.
    static func takeDetails(of totals: UsageParts, into passes: inout [UsageParts]) {
        let known = UsageParts(tokensOf: passes)
        var hour = max(0, totals[.cacheWrite1h] - known[.cacheWrite1h])
        var reasoning = max(0, totals[.reasoning] - known[.reasoning])
        for index in passes.indices {
            let moved = min(hour, passes[index][.cacheWrite])
            passes[index].set(.cacheWrite, passes[index][.cacheWrite] - moved)
            passes[index].add(.cacheWrite1h, moved)
            hour -= moved
            let thought = min(reasoning, max(0, passes[index].output - passes[index].outputParts))
            passes[index].add(.reasoning, thought)
            reasoning -= thought
        }
    }

    mutating func setTokens(_ other: UsageParts) { for meter in Meter.tokenMeters { set(meter, other[meter]) } }

    /// What remains of `whole` without `part`. If `part` is larger, the excess is recorded.
    mutating func rest(of whole: Int64, without part: Int64) -> Int64 {
        if part > whole { overlapTokens = Self.sum(overlapTokens, part - whole) }
        return max(0, whole - part)
    }

    /// Adds cache writes: the provider's `total`, and how many of them last how long. If the two differ, the larger one
    /// counts, the unexplained writes count as the shortest-lived kind, and the difference is recorded.
    mutating func addWrites(total: Int64, minutes: Int64, hour: Int64, halfDay: Int64 = 0, isSplit: Bool) {
        let known = minutes + hour + halfDay
        add(.cacheWrite, max(total, known) - hour - halfDay)
        add(.cacheWrite1h, hour)
        add(.cacheWrite12h, halfDay)
        if isSplit, total > 0 { differenceTokens += total - known }
    }

    /// By how much the provider's own total exceeds ours. A provider that reports no total is believed.
    var excess: Int64 { total == 0 ? 0 : total - input - output }

    /// Tokens that the provider counts and the meters do not. Negative if overlapping parts count more than their
    /// whole.
    var residualTokens: Int64 { differenceTokens != 0 ? differenceTokens : -overlapTokens }

    /// The disjoint quantities of parts that fit into their wholes (`fit`).
    var quantities: Quantities {
        var quantities = Quantities()
        quantities.add(.input, input - inputParts)
        for meter in Meter.inputParts { quantities.add(meter, self[meter]) }
        quantities.add(.unsplit, self[.unsplit])
        quantities.add(.output, output - outputParts)
        for meter in Meter.outputParts { quantities.add(meter, self[meter]) }
        let hasNonTokens = (Meter.tokenMeters.count..<Meter.named.count).contains { counts[$0] > 0 }
        guard hasNonTokens || !others.isEmpty else { return quantities }
        let nonTokens = Meter.nonTokenMeters.map { Quantities.Line(meter: $0, quantity: self[$0]) } + others
        for nonToken in nonTokens.sorted(by: { $0.meter.name < $1.meter.name }) {
            quantities.add(nonToken.meter, nonToken.quantity)
        }
        return quantities
    }
}
