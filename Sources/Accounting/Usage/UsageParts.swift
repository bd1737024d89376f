/// The wholes of a call and their parts, before the wholes are split into disjoint meters.
struct UsageParts {
    private var counts: [(meter: Meter, quantity: Int64)] = []
    var residualTokens: Int64 = 0

    var input: Int64 { self[.input] }
    var output: Int64 { self[.output] }
    var inputParts: Int64 { Meter.inputParts.reduce(0) { $0 + self[$1] } }
    var outputParts: Int64 { Meter.outputParts.reduce(0) { $0 + self[$1] } }

    private subscript(meter: Meter) -> Int64 { counts.first { $0.meter == meter }?.quantity ?? 0 }

    func has(_ meter: Meter) -> Bool { counts.contains { $0.meter == meter } }

    mutating func set(_ meter: Meter, _ quantity: Int64) {
        if let index = counts.firstIndex(where: { $0.meter == meter }) {
            counts[index].quantity = quantity
        } else {
            counts.append((meter, quantity))
        }
    }

    /// Notes by how much the provider's own `total` differs from ours; providers that tell none are believed.
    mutating func compare(with total: Int64) {
        residualTokens = total == 0 ? 0 : total - input - output
    }

    /// By how much parts that overlap exceed their wholes.
    var surplusTokens: Int64 { max(0, inputParts - input) + max(0, outputParts - output) }

    /// The disjoint quantities; parts that overlap keep their own counts.
    var quantities: Quantities {
        var quantities = Quantities()
        quantities.add(.input, input - inputParts)
        for meter in Meter.inputParts { quantities.add(meter, self[meter]) }
        quantities.add(.output, output - outputParts)
        for meter in Meter.outputParts { quantities.add(meter, self[meter]) }
        let others = counts.filter { !Meter.tokenMeters.contains($0.meter) }
        for other in others.sorted(by: { $0.meter.name < $1.meter.name }) {
            quantities.add(other.meter, other.quantity)
        }
        return quantities
    }
}
