import Accounting
import Postgres

/// The windows of budgets that have one for each feature of each team: they get the value of the feature's new place.
extension FeatureMoveStore {
    struct ValueChange {
        let windowID: Int64
        let value: WindowValue
    }

    /// A window stays where the new place has one already: calls of there have charged it.
    static func windows(
        of from: FeaturePlace, to: FeaturePlace, _ transaction: borrowing Transaction
    ) throws -> [ValueChange] {
        // The values of a window are in the order of the fields, of which these two are the first.
        let changes = try transaction.query(
            """
            SELECT w.window_id, w.budget_number, w.starts_at, w.value FROM budget_window w JOIN budget b USING (budget_number)
            -- A single value is no list, and every row may be looked at.
            CROSS JOIN LATERAL (SELECT CASE WHEN w.value LIKE '[%' THEN w.value::json END AS list) v
            WHERE b.each_fields @> '{team,feature}' AND b.removed_at IS NULL
                AND v.list ->> 0 = \(from.team) AND v.list ->> 1 = \(from.feature)
            ORDER BY w.window_id
            """
        ).compactMap { row -> (id: Int64, budget: Int64, start: Timestamp, value: WindowValue)? in
            let (id, budget, start, text) = try row.decode((Int64, Int64, Timestamp, String).self)
            guard let value = WindowValue(text: text) else { return nil }
            return (id, budget, start, WindowValue([to.team, to.feature] + value.values.dropFirst(2)))
        }
        let taken = Set(
            try transaction.query(
                """
                SELECT k.window_id FROM unnest(\(changes.map(\.id)), \(changes.map(\.budget)), \(changes.map(\.start)),
                    \(changes.map(\.value.text))) AS k(window_id, budget_number, starts_at, value)
                JOIN budget_window w USING (budget_number, starts_at, value)
                """
            ).map { try $0.decode(Int64.self, at: 0) })
        return changes.filter { !taken.contains($0.id) }.map { ValueChange(windowID: $0.id, value: $0.value) }
    }

    static func move(_ windows: [ValueChange], _ transaction: borrowing Transaction) throws {
        guard !windows.isEmpty else { return }
        let ids = windows.map(\.windowID)
        try transaction.execute(WindowRows.lock(ids))
        try transaction.execute(
            """
            UPDATE budget_window w SET value = k.value, revision = w.revision + 1
            FROM unnest(\(ids), \(windows.map(\.value.text))) AS k(window_id, value) WHERE w.window_id = k.window_id
            """)
        // Replicas look for the windows of budgets that have changed.
        try transaction.execute(
            """
            UPDATE budget SET changed_in = pg_current_xact_id()
            WHERE budget_number IN (SELECT budget_number FROM budget_window WHERE window_id = ANY(\(ids)))
            """)
    }
}
