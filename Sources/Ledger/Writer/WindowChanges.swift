import Accounting
import Postgres

/// What a batch changes in leases and windows. It takes money out of the lease of the replica that made the hold, never
/// more than the lease has, and adds what was spent to the windows.
///
/// While other replicas change the same windows, the statements are those of `WindowChanges+Shared`.
struct WindowChanges {
    struct LeaseKey: Hashable, Comparable {
        let replicaID: Int64
        let windowID: Int64

        static func < (left: LeaseKey, right: LeaseKey) -> Bool {
            (left.replicaID, left.windowID) < (right.replicaID, right.windowID)
        }
    }

    let releases: [(key: LeaseKey, value: Int64)]
    let windowIDs: [Int64]
    let spent: [Int64]
    /// The windows whose rows must be locked: those in which less is free afterwards, because they get more than leases lose
    /// for them, and rolling ones.
    let unreserved: [Int64]
    /// What rolling windows get.
    let slots: WindowSlots
    let replicaID: Int64
    /// Whether the batch changes windows and any budget has alert thresholds.
    let mayCrossThreshold: Bool

    init(_ result: BatchResult) {
        var releases: [LeaseKey: Int64] = [:]
        var spent: [Int64: Int64] = [:]
        var reserved: [Int64: Int64] = [:]
        var slots = WindowSlots()
        let now = SystemClock.wallTime()
        func spend(_ charge: WindowCharge, in window: Int64) {
            // What no longer counts by now changes nothing.
            guard charge.spent != 0, charge.leavesAt.map({ $0 > now }) ?? true else { return }
            spent[window, default: 0].increase(by: charge.spent)
            if let leavesAt = charge.leavesAt { slots.add(charge.spent, to: window, until: leavesAt) }
        }
        for charge in result.replaced.values.lazy.flatMap(\.charges) {
            if case .window(let window) = charge.target { spend(charge, in: window) }
        }
        for (job, charges) in zip(result.batch.jobs, result.charges) {
            for charge in charges {
                guard case .window(let window) = charge.target else { continue }
                spend(charge, in: window)
                guard charge.leaseRelease > 0, let maker = job.hold?.id.replicaID else { continue }
                releases[LeaseKey(replicaID: maker, windowID: window), default: 0].increase(by: charge.leaseRelease)
                reserved[window, default: 0].increase(by: charge.leaseRelease)
            }
        }
        let ids = Set(spent.keys).union(releases.keys.map(\.windowID)).sorted()
        self.releases = releases.sorted { $0.key < $1.key }
        windowIDs = ids
        self.spent = ids.map { spent[$0] ?? 0 }
        unreserved = ids.filter { id in
            let spent = spent[id] ?? 0
            return spent < 0 || spent > reserved[id] ?? 0 || slots.windowIDs.contains(id)
        }
        self.slots = slots
        replicaID = result.batch.replicaID
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
        "SELECT \(sql: WindowRows.waited), count(*) FROM (\(sql: WindowRows.lock(windowIDs))) AS locked"
    }

    /// Changes leases and windows, and returns the windows as the batch leaves them. The rows are locked already, so this
    /// statement sees their current values.
    var change: SQL {
        """
        WITH \(sql: charges)
        UPDATE budget_window w
        SET spent = w.spent + c.spent, leased = w.leased - c.taken, revision = w.revision + 1
        FROM charge c WHERE w.window_id = c.window_id
        RETURNING w.window_id, w.limit_amount,
            w.spent + COALESCE((SELECT sum(u.spent)::bigint FROM uncollected_charge u WHERE u.window_id = w.window_id), 0),
            w.leased - COALESCE((SELECT sum(u.taken)::bigint FROM uncollected_charge u WHERE u.window_id = w.window_id), 0),
            w.revision
        """
    }

    /// Takes what holds have set aside out of the leases (`taken`), and sums up what each window gets (`charge`).
    var charges: SQL {
        """
        taken AS (
            UPDATE lease SET amount = lease.amount - t.taken
            FROM (SELECT replica_id, window_id, LEAST(amount, release) AS taken
                  FROM lease JOIN \(sql: releasesTable) USING (replica_id, window_id)) t
            WHERE lease.replica_id = t.replica_id AND lease.window_id = t.window_id
            RETURNING lease.window_id, t.taken
        ), charge AS (
            SELECT window_id, sum(spent)::bigint AS spent, sum(taken)::bigint AS taken FROM (
                SELECT window_id, spent, 0 AS taken FROM unnest(\(windowIDs), \(spent)) AS c(window_id, spent)
                UNION ALL SELECT window_id, 0, taken FROM taken
            ) each GROUP BY window_id
        )
        """
    }

    var releasesTable: SQL {
        """
        unnest(\(releases.map(\.key.replicaID)), \(releases.map(\.key.windowID)), \(releases.map(\.value)))
            AS w(replica_id, window_id, release)
        """
    }

    /// The windows as the batch leaves them. Fails if one has spent more than can be counted.
    var totals: SQL {
        "SELECT window_id, limit_amount, spent, leased, revision FROM window_total WHERE window_id = ANY(\(windowIDs))"
    }

    static func decode(_ rows: Rows) throws -> [CommittedBatch.Window] {
        try rows.map { row in
            let (id, limit, spent, leased, revision) = try row.decode((Int64, Int64, Int64, Int64, Int64).self)
            return CommittedBatch.Window(windowID: id, limit: limit, spent: spent, leased: leased, revision: revision)
        }
    }

    var alerts: SQL { alerts(spentInRow: "c.spent") }

    /// Writes the thresholds that the batch has crossed to the outbox, each threshold once for a window, and returns
    /// how many. What a row has spent has passed no threshold that the outbox did not get. So the thresholds of interest
    /// are those between the row as it was and all that is charged by now, wherever that stands.
    ///
    /// - Parameter spentInRow: how much of the charge `c` of the window `window_id` is in its row.
    func alerts(spentInRow: SQL) -> SQL {
        AlertOutbox.write(
            .crossed,
            """
            SELECT budget_number, window_id, t.millionths, w.spent, w.limit_amount
            FROM unnest(\(windowIDs), \(spent)) AS c(window_id, spent) JOIN window_total w USING (window_id)
            JOIN budget_window r USING (window_id, budget_number) JOIN budget b USING (budget_number)
            CROSS JOIN LATERAL unnest(b.alert_at_millionths) AS t(millionths)
            CROSS JOIN LATERAL (SELECT r.spent - \(sql: spentInRow) AS spent) AS earlier
            WHERE b.removed_at IS NULL AND \(sql: AlertOutbox.isPassed(from: "earlier.spent", to: "w.spent", "w.limit_amount"))
            """)
    }
}
