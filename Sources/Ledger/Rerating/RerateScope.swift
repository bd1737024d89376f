import Accounting
import Postgres

/// The recorded calls to re-rate.
package struct RerateScope: Sendable {
    /// The days of the calls in the accounting time zone, both ends included; nil for all days.
    package var days: ClosedRange<CalendarDay>?
    /// The models as entries name them; nil for all models. The provider is empty if it was not known at the time.
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

    /// The SQL condition on a row of the ledger (alias `l`).
    var condition: SQL {
        // An estimated entry keeps the worst case that its hold had: it says nothing of what was used.
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
