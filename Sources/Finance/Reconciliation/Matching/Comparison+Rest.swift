import Accounting
import Wording

extension Comparison {
    /// The key without which a cell agrees with the ledger: it goes round Purser. Nil where there is none, or it cannot be
    /// told which.
    func bypassing(_ cell: Cell, _ ours: LedgerDay) -> (account: String, alone: Cell.Theirs)? {
        guard let theirs = cell.theirs, cell.accounts.count > 1 else { return nil }
        func agrees(_ some: Cell.Theirs) -> Bool {
            if let agree = Cell.agree(ours, some) { return agree }
            return tolerance.isMatched(
                (some.amount.nanodollars ?? 0).minus(ours.costNanodollars), calls: ours.calls)
        }
        guard !agrees(theirs) else { return nil }
        let found = cell.accounts.filter { $0.value.amount != .zero && agrees(theirs.without($0.value)) }
        guard found.count == 1, let (account, alone) = found.first else { return nil }
        return (account, alone)
    }

    /// What one day has too little of and the next too much is the same calls, counted a day later.
    static func pairNeighbours(_ lines: inout [ReconciledLine], _ tolerance: Tolerance) {
        let movable: Set<ReconciledLine.Kind> = [.quantity, .onlyOurs, .onlyTheirs, .unexplained]
        let places = Dictionary(grouping: lines.indices.filter { movable.contains(lines[$0].kind) }) { lines[$0].model }
        for indices in places.values {
            var previous: Int?
            for index in indices.sorted(by: { lines[$0].day ?? .never < lines[$1].day ?? .never }) {
                defer { previous = lines[index].kind == .timing ? nil : index }
                guard let before = previous, let day = lines[index].day, let earlier = lines[before].day,
                    day.daysSince1970 == earlier.daysSince1970 + 1,
                    tolerance.isMatched(lines[before].difference.plus(lines[index].difference), calls: 1),
                    cancels(lines[before], lines[index])
                else { continue }
                for place in [before, index] {
                    lines[place].kind = .timing
                    lines[place].detail = "The provider counts on one day what the ledger has on the next, or before."
                }
            }
        }
    }

    private static func cancels(_ left: ReconciledLine, _ right: ReconciledLine) -> Bool {
        guard left.theirsTokens != nil || right.theirsTokens != nil else { return true }
        let theirs = (left.theirsTokens ?? 0).plus(right.theirsTokens ?? 0)
        return theirs == (left.oursTokens ?? 0).plus(right.oursTokens ?? 0)
    }

    /// Whatever cannot be named becomes one line.
    static func withOneUnexplained(_ lines: [ReconciledLine]) -> [ReconciledLine] {
        let left = lines.filter { $0.kind == .unexplained }
        guard !left.isEmpty else { return lines }
        var one = ReconciledLine(.unexplained)
        for line in left {
            one.ours.increase(by: line.ours)
            one.theirs.increase(by: line.theirs)
        }
        let places = left.prefix(5).map { line in
            [line.day?.description, line.model].compactMap(\.self).joined(separator: " ")
        }
        let more = left.count > places.count ? " and \(left.count - places.count) more" : ""
        one.detail = "The file tells no quantities of \(places.joined(separator: ", "))\(more)."
        if left.count == 1 { (one.day, one.model) = (left[0].day, left[0].model) }
        return lines.filter { $0.kind != .unexplained } + [one]
    }

    /// Where a file has the amounts of each part but no quantities, these follow from the ledger's: if the amount of a part
    /// is the ledger's tokens times one and the same rate on several days, that is the provider's rate. Quantities would
    /// not differ by the same ratio day after day.
    mutating func inferQuantities() {
        let untold = cells.filter { $0.value.theirs?.quantities.isEmpty == true && $0.value.ours != nil }
        for keys in Dictionary(grouping: untold.keys, by: \.model).values {
            var quantities: [Cell.Key: [UsagePart: ExactDecimal]] = [:]
            var known: [Cell.Key: Int] = [:]
            for part in [UsagePart.input, .cacheRead, .cacheWrite, .output] {
                let points = keys.compactMap { key -> RatePoint? in
                    guard let ours = cells[key]?.ours?.tokens(of: part) else { return nil }
                    let amount = cells[key]?.theirs?.amounts[part]?.nanodollars ?? 0
                    return ours == 0 && amount == 0 ? nil : RatePoint(key: key, amount: amount, tokens: ours)
                }
                for key in keys { known[key, default: 0] += points.contains { $0.key == key } ? 0 : 1 }
                guard let base = RatePoint.commonest(points, halfPlace: tolerance.halfPlace) else { continue }
                for point in points {
                    guard let tokens = point.tokens(atRateOf: base, halfPlace: tolerance.halfPlace) else { continue }
                    quantities[point.key, default: [:]][part] = ExactDecimal(tokens)
                    known[point.key, default: 0] += 1
                }
            }
            for (key, found) in quantities where known[key] == 4 { cells[key]?.theirs?.quantities = found }
        }
    }
}

extension CalendarDay {
    /// Before all days.
    fileprivate static let never = CalendarDay(daysSince1970: .min / 2)
}

/// What a provider charges for a part on one day, and how many tokens of it the ledger has.
struct RatePoint {
    let key: Cell.Key
    let amount: Int64
    let tokens: Int64

    /// The day whose rate most days share, at least two of them and more than half.
    static func commonest(_ points: [RatePoint], halfPlace: Int64) -> RatePoint? {
        let counted = points.filter { $0.tokens > 0 && $0.amount > 0 }.map { point in
            (point, points.count { $0.hasRate(of: point, halfPlace: halfPlace) })
        }
        guard let best = counted.max(by: { ($0.1, $1.0.tokens) < ($1.1, $0.0.tokens) }), best.1 >= 2,
            best.1 * 2 > points.count
        else { return nil }
        return best.0
    }

    /// Compares by cross products, so that no rate is rounded.
    func hasRate(of other: RatePoint, halfPlace: Int64) -> Bool {
        let difference = Int128(amount) * Int128(other.tokens) - Int128(other.amount) * Int128(tokens)
        return abs(difference) <= Int128(halfPlace + 1) * Int128(max(tokens, other.tokens)) * 2
    }

    /// Nil where the amount is no whole number of tokens at that rate.
    func tokens(atRateOf base: RatePoint, halfPlace: Int64) -> Int64? {
        if hasRate(of: base, halfPlace: halfPlace) { return tokens }
        let (quotient, rest) = (Int128(amount) * Int128(base.tokens)).quotientAndRemainder(
            dividingBy: Int128(base.amount))
        return rest == 0 ? Int64(exactly: quotient) : nil
    }
}
