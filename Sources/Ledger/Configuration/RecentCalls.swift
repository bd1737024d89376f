import Accounting
import Postgres

/// The calls of the last days, as the daily sums have them.
enum RecentCalls {
    /// How many days of calls are looked at, including today.
    static let days = 31

    /// What follows `FROM` in a query of the sums, with `today` in the accounting time zone; a team's alone, or all teams'
    /// if `team` is nil.
    ///
    /// The key of the sums begins with the booking month, and a day is booked into its own month or a later one.
    static func sums(team: String?) -> SQL {
        """
        rollup, (SELECT (now() AT TIME ZONE accounting_time_zone)::date AS today FROM deployment) now
        WHERE booking_month >= date_trunc('month', today - \(Int64(days - 1))::int)::date
            AND day > today - \(Int64(days))::int AND (\(team)::text IS NULL OR team = \(team))
        """
    }

    /// The models that were called, without capitals.
    static func models(team: String?, _ transaction: borrowing Transaction) throws -> Set<ModelName> {
        let rows = try transaction.query("SELECT DISTINCT provider, lower(model) FROM " + sums(team: team))
        return Set(
            try rows.map { row in
                let (provider, model) = try row.decode((String, String).self)
                return ModelName(provider: provider, model: model)
            })
    }
}
