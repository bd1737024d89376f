import Accounting
import Postgres

/// The sums that a batch adds to, as PostgreSQL has them: what windows have spent, and daily sums.
///
/// They are read only if PostgreSQL has refused to add to one of them because the result does not fit in 64 bits. Each
/// job then adds to them in memory first, so that only the job that does not fit is refused.
package struct BatchSums {
    private struct Window {
        var spent: Int64
        /// Names the window to people.
        let name: String
    }

    private var windows: [Int64: Window] = [:]
    private var rollups: [RollupKey: [Int64]] = [:]

    init(of batch: WriteBatch, _ known: BatchReadSet, _ transaction: borrowing Transaction) throws {
        var ids = Set(known.windowIDs.values)
        for job in batch.jobs {
            for case .window(let id) in job.charges.lazy.map(\.target) { ids.insert(id) }
        }
        for row in try transaction.query(Self.windows(ids.sorted())) {
            let (id, spent, budget, start) = try row.decode((Int64, Int64, String, Timestamp).self)
            windows[id] = Window(spent: spent, name: "what \(budget) has spent in its window from \(start)")
        }
        let keys = Array(Set(batch.postings.map { batch.rollupKey(of: $0, closed: known.closedMonths) }))
        for row in try transaction.query(RollupRows.select(keys)) {
            let place: Int64 = try row.decode(at: 0)
            rollups[keys[Int(place) - 1]] = try RollupSums.columns.indices.map { try row.decode(at: $0 + 1) }
        }
    }

    private static func windows(_ ids: [Int64]) -> SQL {
        """
        SELECT w.window_id, w.spent, b.id, w.starts_at FROM window_total w JOIN budget b USING (budget_number)
        WHERE w.window_id = ANY(\(ids))
        """
    }

    /// Adds an entry with the windows that it charges. If one of the sums does not fit, returns that sum and adds
    /// nothing.
    mutating func add(_ posting: Posting, _ charges: [WindowCharge], _ key: RollupKey) -> SumOverflow? {
        var spent: [Int64: Int64] = [:]
        for charge in charges {
            guard case .window(let id) = charge.target, let window = windows[id] else { continue }
            let (sum, isOver) = (spent[id] ?? window.spent).addingReportingOverflow(charge.spent)
            if isOver { return SumOverflow(sum: window.name) }
            spent[id] = sum
        }
        var amounts = rollups[key] ?? RollupSums().amounts
        for (index, column) in RollupSums.columns.enumerated() {
            let (sum, isOver) = amounts[index].addingReportingOverflow(column.amount(posting))
            if isOver { return SumOverflow(sum: "the daily sum of \(key.phrase) (\(column.name))") }
            amounts[index] = sum
        }
        for (id, sum) in spent { windows[id]?.spent = sum }
        rollups[key] = amounts
        return nil
    }
}

/// A sum that an entry was not added to, because the result does not fit in 64 bits.
package struct SumOverflow: Error, Sendable, CustomStringConvertible {
    /// Names the sum to people.
    let sum: String

    package var description: String {
        "With this entry, \(sum) would be more than can be counted. Nothing was recorded."
    }
}
