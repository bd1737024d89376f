import Accounting
import Postgres

/// What the entries that were read charge to budget windows.
struct WindowCharges {
    /// What entries charge to one window, in each unit that a budget may have.
    struct Sums {
        var costNanodollars: Int64 = 0
        var tokens: Int64 = 0
        var calls: Int64 = 0

        /// The sum in the unit of a budget.
        func amount(in unit: String) -> Int64 {
            switch unit {
            case "usd": costNanodollars
            case "tokens": tokens
            default: calls
            }
        }

        /// A sum that is out of range is none that a window can have.
        mutating func add(cost: Int64, tokens: Int64, calls: Int64) {
            costNanodollars &+= cost
            self.tokens &+= tokens
            self.calls &+= calls
        }
    }

    private(set) var charges: [Int64: Sums] = [:]
    private var slots: SlotCharges?

    /// What is charged from the first entry on.
    init(_ transaction: borrowing Transaction) throws { slots = try SlotCharges(transaction) }

    /// What was charged up to the last verification. What no longer counts of it is not known, so rolling windows
    /// are compared with their slots only.
    init(verified transaction: borrowing Transaction) throws {
        for row in try transaction.query("SELECT window_id, cost_nanodollars, tokens, calls FROM verified_window") {
            let (window, cost, tokens, calls) = try row.decode((Int64, Int64, Int64, Int64).self)
            charges[window] = Sums(costNanodollars: cost, tokens: tokens, calls: calls)
        }
    }

    mutating func add(_ entry: Row, calls: Int64) throws {
        let windowIDs: [Int64] = try entry.decode(named: "window_ids")
        guard !windowIDs.isEmpty else { return }
        let cost: Int64? = try entry.decode(named: "effective_cost_nanodollars")
        let input: Int64 = try entry.decode(named: "input_tokens")
        let output: Int64 = try entry.decode(named: "output_tokens")
        try slots?.add(entry, to: windowIDs, cost: cost ?? 0, tokens: input &+ output, calls: calls)
        for window in windowIDs {
            charges[window, default: Sums()].add(
                cost: cost ?? 0, tokens: input &+ output, calls: calls)
        }
    }

    /// Compares the windows with their entries. `transaction` must be the snapshot up to which entries were read.
    func check(_ detached: DetachedMonths, _ transaction: borrowing Transaction) throws -> IntegrityCheck {
        var check = IntegrityCheck("every budget window has spent what its entries cost")
        var unexplained = 0
        var last = Int64.min
        while true {
            let page = try transaction.query(
                """
                SELECT w.window_id, b.id, b.unit, w.spent, w.opening_spent, w.starts_at
                FROM window_total w JOIN budget b USING (budget_number)
                WHERE w.window_id > \(last) AND NOT (\(sql: SlotCharges.isRolling)) ORDER BY w.window_id LIMIT 10000
                """)
            for row in page {
                let (window, budget, unit, spent, opening, start) = try row.decode(
                    (Int64, String, String, Int64, Int64, Timestamp).self)
                last = window
                check.checked += 1
                let charged = (charges[window] ?? Sums()).amount(in: unit)
                if spent == opening &+ charged { continue }
                if detached.mayExplain(windowFrom: start) {
                    unexplained += 1
                } else {
                    check.note("window \(window) of \(budget) says \(spent), its entries \(opening &+ charged)")
                }
            }
            if page.count == 0 { break }
        }
        try SlotCharges.checkSums(&check, transaction)
        try slots?.check(&check, transaction)
        if unexplained > 0 {
            check.gaps.append(
                "\(unexplained) windows differ, which may have entries of months that are not attached: \(detached.text)"
            )
        }
        return check
    }
}
