import Accounting
import Postgres

/// What rolling windows have spent, by when it no longer counts (table `window_slot`). A window's row has
/// the sum of its slots. Who changes slots has the window's row locked.
struct WindowSlots {
    struct Slot: Hashable, Comparable {
        let windowID: Int64
        let leavesAt: Timestamp

        static func < (left: Slot, right: Slot) -> Bool {
            (left.windowID, left.leavesAt) < (right.windowID, right.leavesAt)
        }
    }

    private var amounts: [Slot: Int64] = [:]
    private(set) var windowIDs: Set<Int64> = []

    mutating func add(_ amount: Int64, to window: Int64, until leavesAt: Timestamp) {
        amounts[Slot(windowID: window, leavesAt: leavesAt), default: 0].increase(by: amount)
        windowIDs.insert(window)
    }

    /// Adds the amounts to their slots; nil if there are none.
    var insert: SQL? {
        if amounts.isEmpty { return nil }
        let slots = amounts.sorted { $0.key < $1.key }
        return """
            INSERT INTO window_slot (window_id, leaves_at, spent)
            SELECT * FROM unnest(\(slots.map(\.key.windowID)), \(slots.map(\.key.leavesAt)), \(slots.map(\.value)))
            ON CONFLICT (window_id, leaves_at) DO UPDATE SET spent = window_slot.spent + excluded.spent
            """
    }

    /// Takes what no longer counts out of these windows, but for those that another transaction has locked.
    static func expire(_ windowIDs: [Int64]) -> SQL {
        """
        WITH locked AS MATERIALIZED (
            SELECT window_id FROM budget_window WHERE window_id = ANY(\(windowIDs)) ORDER BY window_id
            FOR NO KEY UPDATE SKIP LOCKED
        ), gone AS (
            DELETE FROM window_slot s USING locked l
            WHERE s.window_id = l.window_id AND s.leaves_at <= clock_timestamp()
            RETURNING s.window_id, s.spent, s.opening_spent
        )
        UPDATE budget_window w SET spent = w.spent - g.spent, opening_spent = w.opening_spent - g.opening_spent,
            revision = w.revision + 1
        FROM (SELECT window_id, sum(spent)::bigint AS spent, sum(opening_spent)::bigint AS opening_spent
            FROM gone GROUP BY window_id) g
        WHERE w.window_id = g.window_id
        """
    }

    static let windowsAPortion = 500

    /// Takes what no longer counts out of some windows. Returns how many had such slots.
    static func expireDue(_ connection: Connection) throws -> Int {
        let due = try connection.query(
            """
            SELECT DISTINCT window_id FROM (
                SELECT window_id FROM window_slot WHERE leaves_at <= clock_timestamp() ORDER BY leaves_at
                LIMIT \(Int64(windowsAPortion))) s
            """
        ).map { try $0.decode(Int64.self, at: 0) }
        if !due.isEmpty { try connection.execute(expire(due)) }
        return due.count
    }
}
