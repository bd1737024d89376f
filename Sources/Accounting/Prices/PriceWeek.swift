/// Which of a model's hourly prices are in force at each time of the week.
struct PriceWeek: Sendable {
    /// The sets of hours that are in force together at some time. Only the empty set if no price has hours.
    let variants: [Set<WeeklyHours>]
    /// The minute of the week at which each variant begins, in ascending order. The first is at 0.
    private let changes: [(minute: Int, variant: Int)]

    init(_ hours: Set<WeeklyHours>) {
        var variants: [Set<WeeklyHours>] = []
        var changes: [(minute: Int, variant: Int)] = []
        for minute in Self.minutes(ofChangesIn: hours).union([0]).sorted() {
            let inForce = hours.filter { $0.contains(minute: minute) }
            let known = variants.firstIndex(of: inForce)
            if known == nil { variants.append(inForce) }
            changes.append((minute, known ?? variants.count - 1))
        }
        self.variants = variants
        self.changes = changes
    }

    /// The minutes of the week at which some of `hours` begin or end.
    static func minutes(ofChangesIn hours: Set<WeeklyHours>) -> Set<Int> {
        Set(hours.flatMap(\.spans).flatMap { [$0.lowerBound, $0.upperBound % WeeklyHours.minutesAWeek] })
    }

    func variant(at moment: Timestamp) -> Int {
        guard variants.count > 1 else { return 0 }
        let minute = WeeklyHours.minute(of: moment)
        return changes.last { $0.minute <= minute }!.variant
    }

    /// Visits the moments after `start` and up to `end` at which the hours in force change.
    func forEachChange(after start: Timestamp, through end: Timestamp, _ body: (Timestamp) -> Void) {
        guard variants.count > 1 else { return }
        var monday = WeeklyHours.monday(before: start)
        while monday <= end {
            for change in changes {
                let moment = monday.adding(seconds: Int64(change.minute) * 60)
                if moment > start, moment <= end { body(moment) }
            }
            monday = monday.adding(seconds: Int64(WeeklyHours.minutesAWeek) * 60)
        }
    }
}
