import Accounting
import Postgres

/// What a batch changes in leases and windows. It takes money out of the lease of the replica that made the hold, never
/// more than the lease has, and adds what was spent to the windows.
struct WindowChanges {
    private struct LeaseKey: Hashable, Comparable {
        let replicaID: Int64
        let windowID: Int64

        static func < (left: LeaseKey, right: LeaseKey) -> Bool {
            (left.replicaID, left.windowID) < (right.replicaID, right.windowID)
        }
    }

    private let releases: [(key: LeaseKey, value: Int64)]
    private let windowIDs: [Int64]
    private let spent: [Int64]
    /// Whether the batch changes windows and any budget has alert thresholds.
    let mayCrossThreshold: Bool

    init(_ result: BatchResult) {
        var releases: [LeaseKey: Int64] = [:]
        var spent: [Int64: Int64] = [:]
        for (job, charges) in zip(result.batch.jobs, result.charges) {
            for charge in charges {
                guard case .window(let window) = charge.target else { continue }
                if charge.spent != 0 { spent[window, default: 0].increase(by: charge.spent) }
                guard charge.leaseRelease > 0, let maker = job.hold?.id.replicaID else { continue }
                releases[LeaseKey(replicaID: maker, windowID: window), default: 0].increase(by: charge.leaseRelease)
            }
        }
        let ids = Set(spent.keys).union(releases.keys.map(\.windowID)).sorted()
        self.releases = releases.sorted { $0.key < $1.key }
        windowIDs = ids
        self.spent = ids.map { spent[$0] ?? 0 }
        mayCrossThreshold = !ids.isEmpty && result.batch.configuration.hasAlerts
    }

    var isEmpty: Bool { windowIDs.isEmpty }

    /// Locks the leases. All transactions lock leases before windows, each in the order of their ids.
    var leaseLock: SQL? {
        if releases.isEmpty { return nil }
        return """
            SELECT 1 FROM lease JOIN unnest(\(releases.map(\.key.replicaID)), \(releases.map(\.key.windowID)))
                AS w(replica_id, window_id) USING (replica_id, window_id)
            ORDER BY replica_id, window_id FOR UPDATE OF lease
            """
    }

    /// Locks the windows and returns how many microseconds the statement waited for other transactions.
    var windowLock: SQL {
        """
        SELECT (1000000 * EXTRACT(epoch FROM clock_timestamp() - statement_timestamp()))::bigint, count(*)
        FROM (\(sql: WindowRows.lock(windowIDs))) AS locked
        """
    }

    /// Changes leases and windows. The rows are locked already, so this statement sees their current values.
    var change: SQL {
        """
        WITH taken AS (
            UPDATE lease SET amount = lease.amount - t.taken
            FROM (SELECT replica_id, window_id, LEAST(amount, release) AS taken
                  FROM lease JOIN unnest(\(releases.map(\.key.replicaID)), \(releases.map(\.key.windowID)),
                      \(releases.map(\.value))) AS w(replica_id, window_id, release)
                      USING (replica_id, window_id)) t
            WHERE lease.replica_id = t.replica_id AND lease.window_id = t.window_id
            RETURNING lease.window_id, t.taken
        )
        UPDATE budget_window w
        SET spent = w.spent + d.spent, leased = w.leased - d.taken, revision = w.revision + 1
        FROM (SELECT window_id, sum(spent)::bigint AS spent, sum(taken)::bigint AS taken FROM (
                  SELECT window_id, spent, 0 AS taken FROM unnest(\(windowIDs), \(spent)) AS c(window_id, spent)
                  UNION ALL SELECT window_id, 0, taken FROM taken
              ) each GROUP BY window_id) d
        WHERE w.window_id = d.window_id
        RETURNING w.window_id, w.limit_amount, w.spent, w.leased, w.revision
        """
    }

    static func decode(_ rows: Rows) throws -> [CommittedBatch.Window] {
        try rows.map { row in
            let (id, limit, spent, leased, revision) = try row.decode((Int64, Int64, Int64, Int64, Int64).self)
            return CommittedBatch.Window(windowID: id, limit: limit, spent: spent, leased: leased, revision: revision)
        }
    }

    /// Writes the thresholds that the batch has crossed to the outbox, each threshold once for a window, and returns
    /// how many.
    var alerts: SQL {
        AlertOutbox.write(
            .crossed,
            """
            SELECT w.budget_number, w.window_id, t.millionths, w.spent, w.limit_amount
            FROM unnest(\(windowIDs), \(spent)) AS c(window_id, spent) JOIN budget_window w USING (window_id)
            JOIN budget b USING (budget_number)
            CROSS JOIN LATERAL unnest(b.alert_at_millionths) AS t(millionths)
            WHERE b.removed_at IS NULL AND w.spent::numeric * 1000000 >= w.limit_amount::numeric * t.millionths
                AND (w.spent - c.spent)::numeric * 1000000 < w.limit_amount::numeric * t.millionths
            """)
    }
}
