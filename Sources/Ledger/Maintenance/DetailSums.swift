import Accounting
import Postgres

/// What calls cost by day and by all that they name, users, runs and tags too (table `detail_sum`), for reports by these.
///
/// The views of migration 0038 say what an entry adds (`ledger_detail`), and read the sums together with the entries behind
/// their fences (`detailed_cost`).
enum DetailSums {
    static let fold = EntryFold(fences: "detail_sum_fence", add: add)

    static let keyColumns = [
        "booking_month", "day", "team", "feature", "provider", "model", "service_tier", "user_id", "run", "tag_keys",
        "tag_values",
    ]
    static let sumColumns = [
        "entries", "calls", "unpriced_calls", "input_tokens", "output_tokens", "list_cost_nanodollars",
        "effective_cost_nanodollars", "judged_calls", "quality_millionths", "judged_cost_nanodollars",
    ]

    /// The sums of the entries for which `condition` on `ledger_detail` (alias `l`) holds, in the order of the table's
    /// columns.
    static func sums(where condition: SQL) -> SQL {
        let keys = keyColumns.map { "l.\($0)" }.joined(separator: ", ")
        let sums = sumColumns.map { "sum(l.\($0)) AS \($0)" }.joined(separator: ", ")
        return """
            SELECT \(unescaped: keys), \(unescaped: sums) FROM ledger_detail l WHERE \(sql: condition)
            GROUP BY \(unescaped: keys)
            """
    }

    static func add(after: Int64, upTo: Int64) -> SQL {
        let keys = keyColumns.joined(separator: ", ")
        let changes = sumColumns.map { "\($0) = detail_sum.\($0) + excluded.\($0)" }.joined(separator: ", ")
        let columns = (keyColumns + sumColumns).joined(separator: ", ")
        return """
            INSERT INTO detail_sum (\(unescaped: columns))
            \(sql: sums(where: "l.entry_id > \(after) AND l.entry_id <= \(upTo)"))
            ORDER BY \(unescaped: keys)
            ON CONFLICT (\(unescaped: keys)) DO UPDATE SET \(unescaped: changes)
            """
    }
}
