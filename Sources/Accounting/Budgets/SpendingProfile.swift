/// How the spending of a scope is spread over a week, by the hours that the clocks of a time zone show.
package struct SpendingProfile: Hashable, Sendable {
    /// One for each hour of a week, from Monday's first on. Each is above zero.
    package let weights: [Int64]

    package static let hours = 168
    /// So many whole weeks must be known, and so many count.
    private static let fewestWeeks: Int64 = 2
    private static let mostWeeks: Int64 = 8

    /// The weight of an hour of mean spending. So much of it stands for spending that is the same at all hours: an hour in
    /// which nothing was spent so far has a small weight and not none.
    private static let meanWeight: Int64 = 1_000_000
    private static let evenWeight: Int64 = 50_000
    /// Sums over a year, times any limit, stay in 128 bits.
    private static let weightRange = 1...Int64(hours) * meanWeight

    /// What was spent in some minutes about a moment.
    package struct Slot: Sendable {
        let moment: Timestamp
        /// In any unit.
        let amount: Int64

        package init(moment: Timestamp, amount: Int64) {
            self.moment = moment
            self.amount = amount
        }
    }

    /// Nil if `weights` are none of a profile.
    package init?(weights: [Int64]) {
        guard weights.count == Self.hours, weights.allSatisfy(Self.weightRange.contains) else { return nil }
        self.weights = weights
    }

    /// The profile of the last whole weeks before `now`. The week in which spending began is not whole. Nil where too few
    /// are, and where they have spent nothing.
    package init?(of slots: [Slot], in zone: Zone, before now: Timestamp) {
        let spent = slots.filter { $0.amount > 0 }.map { (hour: zone.hourOnClocks(at: $0.moment), $0.amount) }
        let thisWeek = Self.week(ofHour: zone.hourOnClocks(at: now))
        guard let first = (spent.map { Self.week(ofHour: $0.hour) }.min()) else { return nil }
        let weeks = max(first + 1, thisWeek - Self.mostWeeks)..<max(first + 1, thisWeek)
        guard weeks.count >= Self.fewestWeeks else { return nil }
        var sums = [Int128](repeating: 0, count: Self.hours)
        for (hour, amount) in spent where weeks.contains(Self.week(ofHour: hour)) {
            sums[Self.hourOfWeek(hour)] += Int128(amount)
        }
        let total = sums.reduce(0, +)
        guard total > 0 else { return nil }
        let shared = Int128(Self.hours) * Int128(Self.meanWeight - Self.evenWeight)
        weights = sums.map { Self.evenWeight + Int64($0 * shared / total) }
    }

    /// The time whose spending a profile worked out at `now` may need: the weeks that count and one in which it began.
    package static func span(before now: Timestamp, in zone: Zone) -> WindowSpan {
        let monday = Period.week.window(containing: now, in: zone).start
        let days = Int(mostWeeks + 1) * 7
        let first = zone.start(of: CalendarDay(daysSince1970: zone.day(at: monday).daysSince1970 - days))
        return WindowSpan(start: first, end: monday)
    }

    /// - Parameter hour: hours since 1970 on the clocks of a zone.
    static func hourOfWeek(_ hour: Int64) -> Int {
        Int(hourSinceMonday(hour) - week(ofHour: hour) * Int64(hours))
    }

    private static func week(ofHour hour: Int64) -> Int64 {
        hourSinceMonday(hour).flooredQuotient(dividingBy: Int64(hours))
    }

    /// 1970-01-01 was a Thursday.
    private static func hourSinceMonday(_ hour: Int64) -> Int64 { hour + 3 * 24 }
}

extension Zone {
    /// Hours since 1970 on the clocks of this zone.
    fileprivate func hourOnClocks(at moment: Timestamp) -> Int64 {
        (moment.seconds + offsetSeconds(at: moment.seconds)).flooredQuotient(dividingBy: 3_600)
    }
}
