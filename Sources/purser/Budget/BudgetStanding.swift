import Accounting
import JSON

/// How far a budget is through the limit and the time of its current window.
struct BudgetStanding {
    let unit: Budget.Unit
    let limit: Int64
    let spent: Int64
    /// Of the limit; nil where that is nothing.
    let used: Fraction?
    /// Of the window; nil where it has no end.
    let elapsed: Fraction?
    let level: Level
    /// By how much what is spent and held is more than a paced budget plans by now; nil where it is not.
    let aheadOfPlan: Int64?

    /// Where no other share is set to downgrade at.
    private static let nearShare = Fraction(millionths: 800_000)

    /// Nil where the answer has no limit, or has not what was spent, or where each value has a limit of its own.
    init?(_ budget: JSONValue, at now: Timestamp) {
        guard budget["values"] == nil, let unit = Budget.Unit(budget),
            let limit = unit.amount("window_limit", of: budget) ?? unit.amount("limit", of: budget),
            let spent = unit.amount("spent", of: budget)
        else { return nil }
        (self.unit, self.limit, self.spent) = (unit, limit, spent)
        used = limit > 0 ? Self.share(Int128(spent), of: Int128(limit)) : nil
        elapsed = Self.elapsed(budget, at: now)
        let near = (budget["downgrade_at"]?.source).flatMap { Fraction(decimal: $0) } ?? Self.nearShare
        level = spent >= limit ? .full : near.isReached(by: spent, of: limit) ? .near : .fine
        let taken = spent.plus(unit.amount("held", of: budget) ?? 0)
        aheadOfPlan = unit.amount("plan", of: budget).flatMap { taken > $0 ? taken.minus($0) : nil }
    }

    private static func elapsed(_ budget: JSONValue, at now: Timestamp) -> Fraction? {
        guard let start = (budget["window_start"]?.string).flatMap({ Timestamp(rfc3339: $0) }),
            let end = (budget["resets_at"]?.string).flatMap({ Timestamp(rfc3339: $0) }), start < end
        else { return nil }
        let length = Int128(end.microseconds) - Int128(start.microseconds)
        return share(min(max(0, Int128(now.microseconds) - Int128(start.microseconds)), length), of: length)
    }

    /// Rounded down, but to no less than a millionth of what there is any of.
    private static func share(_ part: Int128, of whole: Int128) -> Fraction {
        let millionths = part * Int128(Fraction.whole.millionths) / whole
        return Fraction(millionths: Int64(clamping: part > 0 ? max(1, millionths) : millionths))
    }
}
