/// How many calls of one kind got one answer on one day. Counted in memory and written once a second.
package struct VerdictCount: Sendable {
    package final class Key: Sendable {
        /// In the accounting time zone.
        package let day: CalendarDay
        package let team: String
        package let feature: String?
        package let requestedModel: String
        /// Nil on a deny.
        package let servedModel: ModelName?
        package let verdict: Verdict.Kind
        package let reason: Reason.Code?

        init(
            day: CalendarDay, team: String, feature: String?, requestedModel: String, servedModel: ModelName?,
            verdict: Verdict.Kind, reason: Reason.Code?
        ) {
            self.day = day
            self.team = team
            self.feature = feature
            self.requestedModel = requestedModel
            self.servedModel = servedModel
            self.verdict = verdict
            self.reason = reason
        }
    }

    package let key: Key
    package internal(set) var calls: Int64
}
