import Accounting
import Postgres

/// The same changes while other replicas change the same windows: no batch waits for a row that another has, unless it
/// must. This costs two statements more, so it is done only for as long as there are such others (`WriterSession`).
extension WindowChanges {
    /// Locks the windows in which less is free afterwards, and returns how many microseconds the statement waited for
    /// other transactions. A lease may have less than the batch means to take, because it was reclaimed.
    var sharedWindowLock: SQL {
        """
        SELECT \(sql: WindowRows.waited), count(*) FROM (
            SELECT 1 FROM budget_window WHERE window_id IN (
                SELECT unnest(\(unreserved))
                UNION SELECT window_id FROM lease
                    JOIN \(sql: releasesTable) USING (replica_id, window_id)
                    WHERE amount < release)
            ORDER BY window_id FOR NO KEY UPDATE) AS locked
        """
    }

    /// Locks those of the other windows that nobody has locked, notes which windows are locked now, and returns whether
    /// any is not. Waiting for none of them keeps replicas that share a window from waiting for each other's commits, and
    /// grants for all of these.
    var freeWindowLock: SQL {
        """
        SELECT count(*) < \(Int64(windowIDs.count)),
            set_config('purser.locked_windows', COALESCE(array_agg(window_id), '{}')::text, true)
        FROM (
            SELECT window_id FROM budget_window WHERE window_id = ANY(\(windowIDs)) FOR NO KEY UPDATE SKIP LOCKED
        ) AS locked
        """
    }

    /// Whether this transaction has locked a window. `IS TRUE` keeps this a look-up in a hash table for each row:
    /// the sessions that write have no hash joins, and would go through all windows for each.
    private static func isLocked(_ windowID: SQL) -> SQL {
        "(\(sql: windowID) IN (SELECT unnest(current_setting('purser.locked_windows')::bigint[]))) IS TRUE"
    }

    /// Changes leases and windows. The rows are locked already, so this statement sees their current values. What is
    /// charged to windows that others have locked is left beside their rows (`ChargeCollection`).
    var sharedChange: SQL {
        """
        WITH \(sql: charges), beside AS (
            INSERT INTO uncollected_charge (window_id, replica_id, spent, taken)
            SELECT window_id, \(replicaID), charge.spent, taken
            FROM charge JOIN budget_window USING (window_id)
            WHERE NOT \(sql: Self.isLocked("window_id"))
            ORDER BY window_id
            ON CONFLICT (window_id, replica_id) DO UPDATE SET spent = uncollected_charge.spent + excluded.spent,
                taken = uncollected_charge.taken + excluded.taken
        )
        UPDATE budget_window w
        SET spent = w.spent + c.spent, leased = w.leased - c.taken, revision = w.revision + 1
        FROM charge c WHERE w.window_id = c.window_id AND \(sql: Self.isLocked("c.window_id"))
        """
    }

    var sharedAlerts: SQL {
        alerts(spentInRow: "CASE WHEN \(sql: Self.isLocked("window_id")) THEN c.spent ELSE 0 END")
    }
}
