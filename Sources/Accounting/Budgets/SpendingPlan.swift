/// What a window of a paced budget may have spent by each moment of it, so that its limit lasts to its end.
///
/// A class, because all windows of a budget that cover the same time share it.
package final class SpendingPlan: Sendable {
    package let span: WindowSpan
    private let end: Int64
    /// The parts of the window that have one weight each. Only the last may be shorter.
    private let partSeconds: Int64
    /// By part, the weight of each second before it, added up. The last sum is that of the whole window.
    private let weightBefore: [Int64]

    private static let hourSeconds: Int64 = 3_600
    private static let hoursADay = 24

    /// Nil for a window without an end: there is no time to last for. Without a profile all seconds weigh the same.
    init?(of span: WindowSpan, profile: SpendingProfile?, in zone: Zone) {
        guard let end = span.end, span.start < end else { return nil }
        self.span = span
        self.end = end.seconds
        let length = end.seconds - span.start.seconds
        guard let profile else {
            partSeconds = length
            weightBefore = [0, length]
            return
        }
        partSeconds = Self.hourSeconds
        var sums: [Int64] = [0]
        sums.reserveCapacity(Int(length / Self.hourSeconds) + 2)
        Self.forEachHour(from: span.start.seconds, to: end.seconds, in: zone) { hour, seconds in
            sums.append(sums[sums.count - 1] + profile.weights[SpendingProfile.hourOfWeek(hour)] * seconds)
        }
        weightBefore = sums
    }

    /// Calls `body` for each hour from `start` on, with the hours since 1970 that clocks then show, and the seconds of it
    /// before `end`.
    private static func forEachHour(from start: Int64, to end: Int64, in zone: Zone, _ body: (Int64, Int64) -> Void) {
        let daySeconds = Int64(hoursADay) * hourSeconds
        for day in stride(from: start, to: end, by: Int(daySeconds)) {
            // To ask for an offset takes longer than all else here, and nearly all days have one.
            let offset = zone.offsetSeconds(at: day)
            let isChanged = zone.offsetSeconds(at: day + daySeconds) != offset
            for hour in stride(from: day, to: min(day + daySeconds, end), by: Int(hourSeconds)) {
                let local = hour + (isChanged ? zone.offsetSeconds(at: hour) : offset)
                body(local.flooredQuotient(dividingBy: hourSeconds), min(hourSeconds, end - hour))
            }
        }
    }

    /// What of `limit` may be spent by `now`: nothing at the beginning, all at the end.
    package func planned(of limit: Int64, at now: Timestamp) -> Int64 {
        let start = span.start.seconds
        let elapsed = now.seconds - start
        guard elapsed > 0 else { return 0 }
        guard now.seconds < end else { return limit }
        let part = Int(elapsed / partSeconds)
        let partStart = Int64(part) * partSeconds
        let weight = weightBefore[part + 1] - weightBefore[part]
        let passed = weightBefore[part] + weight / min(partSeconds, end - start - partStart) * (elapsed - partStart)
        return Int64(Int128(limit) * Int128(passed) / Int128(weightBefore[weightBefore.count - 1]))
    }

    /// How many models, from the one that was asked for down, calls may not use now, in a window that has `used` so much of
    /// its limit.
    ///
    /// A little ahead of the plan it is one, and one more for each hundredth of the limit further ahead. Towards the end of
    /// the window steps are parts of what is left of the plan, and spending has to fall behind it, until a hundredth of the
    /// limit is kept: the last calls need room for their worst case, and may be more than usual.
    func modelsRuledOut(used: Int64, of limit: Int64, typicalHold: Int64, at now: Timestamp) -> Int {
        let planned = planned(of: limit, at: now)
        let part = (limit - planned) / Self.partOfRest
        let (holds, isOver) = typicalHold.multipliedReportingOverflow(by: Self.tolerableHolds)
        let tolerance = min(max(limit / Self.tolerablePart, isOver ? .max : holds), part - limit / Self.keptPart)
        let excess = used.minus(planned).minus(tolerance)
        guard excess > 0 else { return 0 }
        let steps = excess / max(1, min(limit / Self.stepPart, part))
        return Int(steps.plus(1))
    }

    /// A window's first calls are not sent to a lower model for a few holds, or half a percent of the limit.
    private static let tolerableHolds: Int64 = 4
    private static let tolerablePart: Int64 = 200
    private static let stepPart: Int64 = 100
    private static let keptPart: Int64 = 100
    /// A step is no more than this part of what the plan has left.
    private static let partOfRest: Int64 = 16
}
