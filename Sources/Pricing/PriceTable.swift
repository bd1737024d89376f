import Accounting

/// What one source says of one meter in one tier and region at one time: a price for each size of the prompt and each hour
/// of the week.
struct PriceTable {
    let source: String
    let isOwnPage: Bool
    let lines: [PriceFile.PriceLine]
    /// When what is charged became so: the last day on which a price of the table began or one was abolished. Also known of
    /// a price whose end the source knows. Nil if the source does not say.
    let knownSince: Timestamp?

    /// Nil if it says nothing.
    init?(source: String = "", isOwnPage: Bool = false, lines: [PriceFile.PriceLine], knownSince: Timestamp? = nil) {
        guard !lines.isEmpty else { return nil }
        (self.source, self.isOwnPage, self.lines, self.knownSince) = (source, isOwnPage, lines, knownSince)
    }

    /// The dearest price, then that of the shortest prompts.
    var dearest: (Int64, Int64) {
        (
            lines.map(\.femtodollarsPerUnit).max() ?? 0,
            lines.filter { $0.aboveContextTokens == 0 }.map(\.femtodollarsPerUnit).max() ?? 0
        )
    }

    /// Whether every call costs the same by both, however they write their hours.
    func charges(as other: PriceTable) -> Bool {
        let sizes = Set((lines + other.lines).map { $0.aboveContextTokens + 1 })
        let minutes = moments(with: other)
        return sizes.allSatisfy { size in
            minutes.allSatisfy { price(of: size, at: $0) == other.price(of: size, at: $0) }
        }
    }

    /// What this table says otherwise than `other`: at each size of the prompt and at each hour that either names, a line
    /// with its price.
    func lines(differingFrom other: PriceTable) -> [PriceFile.PriceLine] {
        var places: [PriceFile.PriceLine.Place] = []
        for line in lines + other.lines where !places.contains(line.place) { places.append(line.place) }
        return places.compactMap { place in
            let size = place.aboveContextTokens + 1
            // Hours of one table may cover several spans of the other: one in which they differ is enough.
            let differing = moments(with: other).first { moment in
                isTime(moment, of: place, with: other)
                    && price(of: size, at: moment) != other.price(of: size, at: moment)
            }
            guard let ours = differing.map({ price(of: size, at: $0) }), let femtodollars = ours[0] else { return nil }
            var line = lines.first { $0.place == place } ?? lines[0].at(place)
            (line.femtodollarsPerUnit, line.leastQuantity) = (femtodollars, ours[1])
            return line
        }
    }

    /// Whether a place's hours are at a moment; of a place without hours, whether no hours are that anybody names.
    private func isTime(_ moment: Timestamp, of place: PriceFile.PriceLine.Place, with other: PriceTable) -> Bool {
        if let hours = WeeklyHours(text: place.hours) { return hours.contains(moment) }
        return !(lines + other.lines).contains { WeeklyHours(text: $0.hours)?.contains(moment) ?? false }
    }

    /// A moment in each span of the week in which neither changes.
    private func moments(with other: PriceTable) -> [Timestamp] {
        let hours = (lines + other.lines).compactMap { WeeklyHours(text: $0.hours) }
        let marks = Set(hours.flatMap(\.spans).flatMap { [$0.lowerBound, $0.upperBound] }).union([0])
        // 2026-01-05 is a Monday.
        let monday = CalendarDay(year: 2026, month: 1, day: 5)!.startUTC
        return marks.sorted().map { monday.adding(seconds: Int64($0) * 60) }
    }

    private func price(of contextTokens: Int64, at moment: Timestamp) -> [Int64?] {
        let applying = lines.filter {
            $0.aboveContextTokens < contextTokens
                && ($0.hours.isEmpty || WeeklyHours(text: $0.hours)?.contains(moment) ?? false)
        }
        let first = applying.max {
            ($0.hours.isEmpty ? 0 : 1, $0.aboveContextTokens) < ($1.hours.isEmpty ? 0 : 1, $1.aboveContextTokens)
        }
        return [first?.femtodollarsPerUnit, first?.leastQuantity]
    }
}
