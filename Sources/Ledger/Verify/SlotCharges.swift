import Accounting
import Postgres

/// What the entries that were read charge to the slots of rolling windows.
struct SlotCharges {
    private struct Slot: Hashable {
        let windowID: Int64
        let leavesAt: Timestamp
    }

    private let rolling: [Int64: RollingPeriod]
    private var charges: [Slot: WindowCharges.Sums] = [:]

    /// Of a budget `b`.
    static let isRolling: SQL = "COALESCE(b.extended_period ~ '^[0-9]', false)"

    init(_ transaction: borrowing Transaction) throws {
        let rows = try transaction.query(
            """
            SELECT w.window_id, b.extended_period FROM budget_window w JOIN budget b USING (budget_number)
            WHERE \(sql: Self.isRolling)
            """)
        rolling = Dictionary(
            uniqueKeysWithValues: try rows.compactMap { row in
                let (window, period) = try row.decode((Int64, String).self)
                return Period(text: period)?.rolling.map { (window, $0) }
            })
    }

    mutating func add(_ entry: Row, to windows: [Int64], cost: Int64, tokens: Int64, calls: Int64) throws {
        if rolling.isEmpty { return }
        for window in windows {
            guard let rolling = rolling[window] else { continue }
            let slot = Slot(
                windowID: window, leavesAt: rolling.leaves(spentAt: try entry.decode(named: "occurred_at")))
            charges[slot, default: WindowCharges.Sums()].add(cost: cost, tokens: tokens, calls: calls)
        }
    }

    /// Compares slots that still count with their entries. Others may be gone already.
    func check(_ check: inout IntegrityCheck, _ transaction: borrowing Transaction) throws {
        let rows = try transaction.query(
            """
            SELECT s.window_id, s.leaves_at, b.id, b.unit, s.spent, s.opening_spent
            FROM window_slot s JOIN budget_window w USING (window_id) JOIN budget b USING (budget_number)
            WHERE s.leaves_at > now() AND b.removed_at IS NULL
            """)
        for row in rows {
            let (window, leavesAt, budget, unit, spent, opening) = try row.decode(
                (Int64, Timestamp, String, String, Int64, Int64).self)
            let charged = (charges[Slot(windowID: window, leavesAt: leavesAt)] ?? WindowCharges.Sums()).amount(in: unit)
            if spent != opening &+ charged {
                check.note(
                    """
                    window \(window) of \(budget) says \(spent) until \(leavesAt), its entries \(opening &+ charged)
                    """)
            }
        }
    }

    /// Compares the rows of windows with their slots.
    static func checkSums(_ check: inout IntegrityCheck, _ transaction: borrowing Transaction) throws {
        let rows = try transaction.query(
            """
            SELECT w.window_id, b.id, w.spent, s.spent
            FROM window_total w JOIN budget b USING (budget_number)
            CROSS JOIN LATERAL (
                SELECT COALESCE(sum(spent), 0)::bigint AS spent FROM window_slot s WHERE s.window_id = w.window_id) s
            WHERE \(sql: isRolling)
            """)
        check.checked += rows.count
        for row in rows {
            let (window, budget, spent, slots) = try row.decode((Int64, String, Int64, Int64).self)
            if spent != slots { check.note("window \(window) of \(budget) says \(spent), its slots \(slots)") }
        }
    }
}
