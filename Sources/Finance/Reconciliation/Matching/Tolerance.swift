import Accounting

/// By how much two sums may differ and still be the same.
struct Tolerance {
    /// Half of the last place in which the file writes amounts, in nanodollars; 0 where that is finer than a nanodollar.
    let halfPlace: Int64

    /// The finest place of any amount counts, at least that of a cent: a file whose amounts happen to be whole dollars is
    /// not rounded to them.
    init(of lines: [ProviderLine]) {
        let places = lines.reduce(2) { max($0, $1.amount?.placesUsed ?? 0) }
        halfPlace = places < 9 ? (0..<(9 - places)).reduce(1) { power, _ in power * 10 } / 2 : 0
    }

    /// The ledger rounds each call once to a nanodollar, so it may be off by half of one for each, and the provider's sum
    /// by as much.
    func isMatched(_ difference: Int64, calls: Int64) -> Bool { difference.magnitude <= UInt64(max(1, calls)) }

    /// The provider rounds each of its lines.
    func isRounding(_ difference: Int64, calls: Int64, lineCount: Int64) -> Bool {
        let (rounding, isOver) = halfPlace.multipliedReportingOverflow(by: max(1, lineCount))
        return isOver || difference.magnitude <= UInt64(rounding) + UInt64(max(1, calls))
    }
}
