import Accounting
import Postgres

/// Grants and takes back leases: one transaction for each grant batch, however many calls wait for it.
enum LeaseStore {
    /// The replica was declared gone: it must fence itself and register anew.
    struct Gone: Error {}

    /// Sends a grant batch and returns its outcome. Errors go to `note`.
    static func send(_ batch: GrantBatch, on link: DatabaseLink, note: (any Error) -> Void) -> GrantBatch.Outcome {
        var result: GrantBatch.Result?
        do {
            let done = try link.run { connection in
                try connection.transaction { transaction in
                    let written = try write(batch, transaction)
                    result = written
                    return written
                }
            }
            return .committed(done)
        } catch is Gone {
            return .gone
        } catch let error as PostgresError {
            note(error)
            if error.kind == .unknownOutcome, let result { return .unanswered(result) }
            return error.isPassing ? .failed : .refused
        } catch {
            note(error)
            return .refused
        }
    }

    /// Takes two round trips: the first locks and reads, the second writes the allocation that was decided in between. Where
    /// windows are opened, one before these makes their rows.
    private static func write(_ sent: GrantBatch, _ transaction: borrowing Transaction) throws -> GrantBatch.Result {
        var look = begin(sent)
        var opened: [WindowKey: Int64] = [:]
        if let opening = WindowRows.Opening(Set(sent.asks.flatMap(\.opens))) {
            let rows = try transaction.pipeline(look + [opening.insert, opening.select])
            guard !rows[1].isEmpty else { throw Gone() }
            opened = try opening.ids(rows[rows.count - 1])
            look = []
        }
        let batch = sent.opened(opened)
        let windows = batch.windowIDs
        let isLiveKnown = look.isEmpty
        if !batch.requests.isEmpty { look.append(SettledKeys.settled(of: batch.requests)) }
        let settled = look.count - 1
        if !windows.isEmpty {
            // All transactions lock leases before windows.
            look += lockLeases(windows, batch)
            look += [lockWanted(batch), lockFree(batch)]
            // After the locks are known, so that their answer stays the one before the last.
            if !batch.snapshot.rolling.isEmpty {
                look.insert(WindowSlots.expire(batch.snapshot.rolling.sorted()), at: look.count - 1)
            }
            look += [WindowRows.facts(windows, replicaID: batch.replicaID)]
        }
        let rows = look.isEmpty ? [] : try transaction.pipeline(look)
        guard isLiveKnown || !rows[1].isEmpty else { throw Gone() }
        let all = Set(windows).union(opened.values).sorted()
        var (before, locked): ([WindowFacts], Set<Int64>) = ([], [])
        if !windows.isEmpty {
            before = try WindowRows.decodeFacts(rows[look.count - 1])
            locked = Set(try rows[look.count - 2].map { try $0.decode(Int64.self, at: 0) })
        }
        let plan = Allocation(
            asks: batch.asks, windows: before, unlocked: Set(batch.wantedWindowIDs).subtracting(locked),
            snapshot: batch.snapshot)
        let changes = windows.isEmpty ? [] : change(windows, locked: locked, plan, batch)
        let after = try transaction.pipeline(
            changes + announce(plan, batch) + [WindowRows.facts(all, replicaID: batch.replicaID)])
        return GrantBatch.Result(
            facts: try WindowRows.decodeFacts(after[after.count - 1]), plan: plan, of: batch,
            settled: batch.requests.isEmpty ? [] : try SettledKeys.decode(rows[settled]))
    }

    /// Locks the windows from which money is wanted. Where calls wait for a revocation that is not answered yet, and too
    /// little is free for any of them, nobody waits for the row: near the limit all replicas would, again and again.
    private static func lockWanted(_ batch: GrantBatch) -> SQL {
        let watched = batch.watched
        return """
            SELECT 1 FROM budget_window w
            WHERE window_id = ANY(\(batch.wantedWindowIDs)) AND NOT EXISTS (
                SELECT 1 FROM unnest(\(watched.map(\.windowID)), \(watched.map(\.leastFree)))
                    AS watched(window_id, least_free) JOIN window_total t USING (window_id)
                WHERE watched.window_id = w.window_id
                    AND t.limit_amount::numeric - t.spent - t.leased < watched.least_free
                    AND EXISTS (\(sql: WindowRows.owedAnswers(to: batch.replicaID))))
            ORDER BY window_id FOR NO KEY UPDATE
            """
    }

    /// Locks those of the other windows that nobody else has locked, and returns all that this transaction has locked by
    /// now. What is given back to the rest is left beside their rows, so that many replicas may answer a revocation at
    /// once.
    private static func lockFree(_ batch: GrantBatch) -> SQL {
        """
        SELECT window_id FROM budget_window WHERE window_id = ANY(\(batch.windowIDs)) FOR NO KEY UPDATE SKIP LOCKED
        """
    }

    /// The commit outcome check of a grant batch: whether it was committed, if its commit was sent but not answered.
    /// Throws `Gone` if the replica was declared gone, because the answer does not matter then.
    static func wasCommitted(_ batch: GrantBatch, on connection: Connection) throws -> Bool {
        try connection.transaction { transaction in
            guard try !transaction.pipeline(begin(batch))[1].isEmpty else { throw Gone() }
            return try transaction.query(
                "SELECT 1 FROM lease WHERE replica_id = \(batch.replicaID) AND round >= \(batch.number) LIMIT 1"
            ).isEmpty == false
        }
    }

    /// Takes the lock of this replica's grant batches and reads whether the replica is live.
    private static func begin(_ batch: GrantBatch) -> [SQL] {
        // A batch that is sent again waits here until its first attempt has ended. Calls wait for the batch, so its
        // waits for locks are kept short.
        [
            """
            SELECT set_config('lock_timeout', '200ms', true),
                pg_advisory_xact_lock(\(AdvisoryLock.grantBatch.rawValue), \(Int32(truncatingIfNeeded: batch.replicaID)))
            """,
            "SELECT 1 FROM replica WHERE replica_id = \(batch.replicaID) AND state = 'live' FOR SHARE",
        ]
    }

    private static func lockLeases(_ windows: [Int64], _ batch: GrantBatch) -> [SQL] {
        [
            """
            INSERT INTO lease (replica_id, window_id, amount) SELECT \(batch.replicaID), w, 0
            FROM unnest(\(windows)) AS w ORDER BY w ON CONFLICT DO NOTHING
            """,
            """
            SELECT 1 FROM lease WHERE replica_id = \(batch.replicaID) AND window_id = ANY(\(windows))
            ORDER BY window_id FOR UPDATE
            """,
        ]
    }

    private static func change(
        _ windows: [Int64], locked: Set<Int64>, _ plan: Allocation, _ batch: GrantBatch
    ) -> [SQL] {
        let snapshot = batch.snapshot
        let change = { (window: Int64) in (plan.grants[window] ?? 0).minus(snapshot.givenBack[window] ?? 0) }
        // The replica id is a column, so that each row is found by its whole key. With a single id for all rows,
        // PostgreSQL would read every lease of the replica.
        let replicaIDs = windows.map { _ in batch.replicaID }
        let inPlace = windows.filter(locked.contains)
        let beside = windows.filter { !locked.contains($0) && change($0) != 0 }
        let statements: [SQL?] = [
            """
            UPDATE lease SET amount = lease.amount + c.change, round = \(batch.number),
                longest_hold_seconds = GREATEST(lease.longest_hold_seconds, c.seconds),
                recall = CASE WHEN c.is_answered OR lease.amount = 0 THEN w.recall ELSE lease.recall END
            FROM unnest(\(replicaIDs), \(windows), \(windows.map(change)),
                \(windows.map { plan.longestHoldSeconds[$0] ?? 0 }), \(windows.map(snapshot.revoked.contains)))
                AS c(replica_id, window_id, change, seconds, is_answered) JOIN budget_window w USING (window_id)
            WHERE lease.replica_id = c.replica_id AND lease.window_id = c.window_id
            """,
            """
            UPDATE budget_window w SET leased = w.leased + c.change, revision = w.revision + 1,
                recall = w.recall + CASE WHEN c.is_recalled THEN 1 ELSE 0 END
            FROM unnest(\(inPlace), \(inPlace.map(change)), \(inPlace.map(plan.revoked.contains)))
                AS c(window_id, change, is_recalled)
            WHERE w.window_id = c.window_id AND (c.change <> 0 OR c.is_recalled)
            """,
            beside.isEmpty
                ? nil : ChargeCollection.giveBack(beside, beside.map { Int64.zero.minus(change($0)) }, batch.replicaID),
        ]
        return statements.compactMap(\.self)
    }

    /// Notifies other replicas of windows whose idle money is wanted, and of idle money that was given back.
    private static func announce(_ plan: Allocation, _ batch: GrantBatch) -> [SQL] {
        var words: [SQL] = LeaseNotification.revocations(of: plan.revoked).map { payload in
            "SELECT pg_notify(\(LeaseNotification.channel), \(payload))"
        }
        if !batch.snapshot.revoked.isEmpty {
            words.append("SELECT pg_notify(\(LeaseNotification.channel), \(LeaseNotification.returned))")
        }
        return words
    }
}
