import Accounting
import Postgres

/// Which entries a list has. What is not named does not matter.
package struct EntryFilter: Sendable {
    package var team: String?
    package var feature: String?
    package var user: String?
    package var run: String?
    package var tags: [(key: String, value: String)] = []
    /// That served the call.
    package var model: String?
    package var requestID: String?
    /// The import that has brought them.
    package var usageBatch: String?
    /// Calls from this moment on.
    package var from: Timestamp?
    /// Calls before this moment.
    package var to: Timestamp?

    package init(team: String? = nil) { self.team = team }

    /// A condition on rows of `ledger` for all that is named but the team, which has an index of its own. A call is booked in
    /// its own month or a later one, in whatever time zone that begins, so older partitions need not be read.
    var condition: SQL {
        var condition: SQL = ""
        if let feature { condition += " AND feature = \(feature)" }
        if let user { condition += " AND user_id = (SELECT p.user_id FROM person p WHERE p.name = \(user))" }
        if let run { condition += " AND run = \(run)" }
        for tag in tags { condition += " AND tag_values[array_position(tag_keys, \(tag.key))] = \(tag.value)" }
        if let model { condition += " AND model = \(model)" }
        if let requestID { condition += " AND request_id = \(requestID)" }
        if let usageBatch {
            condition += " AND entry_id IN (SELECT n.entry_id FROM entry_note n WHERE n.usage_batch = \(usageBatch))"
        }
        if let from {
            let month = from.adding(seconds: -86_400).day.month.firstDay
            condition += " AND occurred_at >= \(from) AND booking_month >= \(month)"
        }
        if let to { condition += " AND occurred_at < \(to)" }
        return condition
    }
}
