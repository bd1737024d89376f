import Accounting
import Postgres

/// Which calls are rated again.
package struct RerateScope: Sendable {
    /// By the day of the call in the accounting time zone, both included; nil for all there are.
    package var days: ClosedRange<CalendarDay>?
    /// As entries name them, which is without a provider where it was not known yet; nil for all.
    package var models: [ModelName]?
    /// Only calls that have never had a price.
    package var isUnpricedOnly = false

    package init() {}

    /// All calls that wait for a price.
    package static let unpriced = {
        var scope = RerateScope()
        scope.isUnpricedOnly = true
        return scope
    }()

    /// The condition on rows of the ledger, `l`.
    var condition: SQL {
        var condition: SQL = "l.kind = 'usage'"
        if let days {
            // A call is never booked into a month before its own.
            condition +=
                """
                 AND l.booking_month >= \(days.lowerBound.month.firstDay)
                AND l.day BETWEEN \(days.lowerBound) AND \(days.upperBound)
                """
        }
        if let models {
            condition +=
                " AND (l.provider, l.model) IN (SELECT * FROM unnest(\(models.map(\.provider)), \(models.map(\.model))))"
        }
        if isUnpricedOnly {
            condition +=
                """
                 AND l.effective_cost_nanodollars IS NULL
                AND NOT EXISTS (SELECT FROM ledger c WHERE c.corrects_entry_id = l.entry_id)
                """
        }
        return condition
    }
}
