import Accounting
import Postgres

extension BatchResult {
    private struct LeaseKey: Hashable, Comparable {
        let replicaID: Int64
        let windowID: Int64

        static func < (left: LeaseKey, right: LeaseKey) -> Bool {
            (left.replicaID, left.windowID) < (right.replicaID, right.windowID)
        }
    }

    /// Takes what was charged or given up out of the makers' leases, never more than is in them.
    mutating func writeLeases(_ transaction: borrowing Transaction) throws {
        var releases: [LeaseKey: Int64] = [:]
        for index in batch.jobs.indices {
            guard let maker = batch.jobs[index].hold?.id.replicaID else { continue }
            for charge in charges[index] ?? [] where charge.leaseRelease > 0 {
                guard case .window(let window) = charge.target else { continue }
                releases[LeaseKey(replicaID: maker, windowID: window), default: 0] += charge.leaseRelease
            }
        }
        guard !releases.isEmpty else { return }
        let sorted = releases.sorted { $0.key < $1.key }
        let replicas = sorted.map(\.key.replicaID)
        let windows = sorted.map(\.key.windowID)
        let amounts = sorted.map(\.value)
        try transaction.execute(
            """
            SELECT 1 FROM lease JOIN unnest(\(replicas), \(windows)) AS w(replica_id, window_id)
                USING (replica_id, window_id)
            ORDER BY replica_id, window_id FOR UPDATE OF lease
            """)
        for row in try transaction.query(
            """
            UPDATE lease SET amount = lease.amount - t.taken
            FROM (SELECT replica_id, window_id, LEAST(amount, release) AS taken
                  FROM lease JOIN unnest(\(replicas), \(windows), \(amounts)) AS w(replica_id, window_id, release)
                      USING (replica_id, window_id)) t
            WHERE lease.replica_id = t.replica_id AND lease.window_id = t.window_id
            RETURNING lease.window_id, t.taken
            """)
        {
            let (window, taken) = try row.decode((Int64, Int64).self)
            takenFromLeases[window, default: 0] += taken
        }
    }

    /// Adds what was spent, and gives back to each window what its leases gave up.
    mutating func writeWindows(_ transaction: borrowing Transaction) throws {
        var spent: [Int64: Int64] = [:]
        for index in batch.jobs.indices {
            for charge in charges[index] ?? [] {
                if case .window(let window) = charge.target { spent[window, default: 0] += charge.spent }
            }
        }
        let ids = Set(spent.filter { $0.value != 0 }.keys).union(takenFromLeases.keys).sorted()
        guard !ids.isEmpty else { return }
        let amounts = ids.map { spent[$0] ?? 0 }
        let taken = ids.map { takenFromLeases[$0] ?? 0 }
        try WindowRows.lock(ids, transaction)
        for row in try transaction.query(
            """
            UPDATE budget_window w
            SET spent = w.spent + d.spent, leased = w.leased - d.taken, revision = w.revision + 1
            FROM unnest(\(ids), \(amounts), \(taken)) AS d(window_id, spent, taken)
            WHERE w.window_id = d.window_id
            RETURNING w.window_id, w.limit_amount, w.spent, w.leased, w.revision
            """)
        {
            let (id, limit, total, leased, revision) = try row.decode((Int64, Int64, Int64, Int64, Int64).self)
            windows.append(.init(windowID: id, limit: limit, spent: total, leased: leased, revision: revision))
            spentBefore[id] = total - (spent[id] ?? 0)
        }
    }

    /// Puts crossings of `alert_at` in the outbox, each threshold of a window once.
    mutating func writeAlerts(_ transaction: borrowing Transaction) throws {
        let numbers = Set(configuration.budgets.values.filter { !$0.alertAt.isEmpty }.map(\.number))
        guard !numbers.isEmpty, !windows.isEmpty else { return }
        let rows = try transaction.query(
            "SELECT window_id, budget_number FROM budget_window WHERE window_id = ANY(\(windows.map(\.windowID)))")
        let budgetNumbers = Dictionary(uniqueKeysWithValues: try rows.map { try $0.decode((Int64, Int64).self) })
        var crossings: [AlertOutbox.Crossing] = []
        for window in windows {
            guard let budget = budgetNumbers[window.windowID].flatMap({ configuration.budgets[$0] }) else { continue }
            for threshold in budget.alertAt
            where threshold.isReached(by: window.spent, of: window.limit)
                && !threshold.isReached(by: spentBefore[window.windowID]!, of: window.limit)
            {
                crossings.append(
                    .init(
                        budgetNumber: budget.number, windowID: window.windowID, threshold: threshold,
                        spent: window.spent, limit: window.limit))
            }
        }
        didCrossThreshold = try AlertOutbox.write(crossings, transaction)
    }

    private var configuration: Configuration { batch.configuration }
}
