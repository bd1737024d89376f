import Accounting
import Postgres

/// Grants and takes back leases: one transaction a round, however many calls wait for it.
enum LeaseBank {
    /// The replica was declared gone: it must fence itself and register anew.
    struct Gone: Error {}

    private static let roundLock: Int32 = 7215

    /// Sends a round and says what became of it; `note` is told of errors.
    static func send(_ round: LeaseRound, on link: DatabaseLink, note: (any Error) -> Void) -> LeaseRound.Outcome {
        var result: LeaseRound.Result?
        do {
            let done = try link.run { connection in
                try connection.transaction { transaction in
                    let written = try write(round, transaction)
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

    /// Two round trips: one that locks and looks, one that changes what was decided in between.
    private static func write(_ round: LeaseRound, _ transaction: borrowing Transaction) throws -> LeaseRound.Result {
        let opening = WindowRows.Opening(Set(round.asks.flatMap(\.opens)))
        let asked = round.asks.flatMap { $0.alternatives.flatMap { $0.map(\.windowID) } }
        let windows = round.standing.windowIDs.union(asked).sorted()
        var look = begin(round)
        if let opening { look += [opening.insert, opening.select] }
        let opened = look.count - 1
        // Leases before windows, as everyone locks them.
        if !windows.isEmpty {
            look += lockLeases(windows, round)
            look += [WindowRows.lock(windows), WindowRows.facts(windows, replicaID: round.replicaID)]
        }
        let rows = try transaction.pipeline(look)
        guard !rows[1].isEmpty else { throw Gone() }
        let all = try Set(windows).union(opening?.ids(rows[opened]).values.map(\.self) ?? []).sorted()
        let before = windows.isEmpty ? [] : try WindowRows.decodeFacts(rows[look.count - 1])
        let plan = GrantPlan(asks: round.asks, windows: before, standing: round.standing)
        let changes = windows.isEmpty ? [] : change(windows, plan, round)
        let after = try transaction.pipeline(
            changes + announce(plan, round) + [WindowRows.facts(all, replicaID: round.replicaID)])
        return LeaseRound.Result(facts: try WindowRows.decodeFacts(after[after.count - 1]), plan: plan)
    }

    /// Whether a round was committed whose commit was sent but not answered. Throws `Gone` where it matters no more.
    static func wasCommitted(_ round: LeaseRound, on connection: Connection) throws -> Bool {
        try connection.transaction { transaction in
            guard try !transaction.pipeline(begin(round))[1].isEmpty else { throw Gone() }
            return try transaction.query(
                "SELECT 1 FROM lease WHERE replica_id = \(round.replicaID) AND round >= \(round.number) LIMIT 1"
            ).isEmpty == false
        }
    }

    /// The lock of this replica's rounds, and whether it lives.
    private static func begin(_ round: LeaseRound) -> [SQL] {
        // A round sent again waits until the first attempt has ended one way or the other. Calls wait for it, so nothing
        // that it waits for itself may take long.
        [
            """
            SELECT set_config('lock_timeout', '200ms', true),
                pg_advisory_xact_lock(\(roundLock), \(Int32(truncatingIfNeeded: round.replicaID)))
            """,
            "SELECT 1 FROM replica WHERE replica_id = \(round.replicaID) AND state = 'live' FOR SHARE",
        ]
    }

    private static func lockLeases(_ windows: [Int64], _ round: LeaseRound) -> [SQL] {
        [
            """
            INSERT INTO lease (replica_id, window_id, amount) SELECT \(round.replicaID), w, 0
            FROM unnest(\(windows)) AS w ORDER BY w ON CONFLICT DO NOTHING
            """,
            """
            SELECT 1 FROM lease WHERE replica_id = \(round.replicaID) AND window_id = ANY(\(windows))
            ORDER BY window_id FOR UPDATE
            """,
        ]
    }

    private static func change(_ windows: [Int64], _ plan: GrantPlan, _ round: LeaseRound) -> [SQL] {
        let standing = round.standing
        let changes = windows.map { (plan.grants[$0] ?? 0) - (standing.givenBack[$0] ?? 0) }
        let answered = windows.map { standing.recalled.contains($0) }
        // As a column, so that each row is found by its whole key: by one id for all, every lease of it would be read.
        let replicaIDs = windows.map { _ in round.replicaID }
        return [
            """
            UPDATE lease SET amount = lease.amount + c.change, round = \(round.number),
                longest_hold_seconds = GREATEST(lease.longest_hold_seconds, c.seconds),
                recall = CASE WHEN c.is_answered OR lease.amount = 0 THEN w.recall ELSE lease.recall END
            FROM unnest(\(replicaIDs), \(windows), \(changes), \(windows.map { plan.longestHoldSeconds[$0] ?? 0 }),
                \(answered)) AS c(replica_id, window_id, change, seconds, is_answered) JOIN budget_window w USING (window_id)
            WHERE lease.replica_id = c.replica_id AND lease.window_id = c.window_id
            """,
            """
            UPDATE budget_window w SET leased = w.leased + c.change, revision = w.revision + 1,
                recall = w.recall + CASE WHEN c.is_recalled THEN 1 ELSE 0 END
            FROM unnest(\(windows), \(changes), \(windows.map(plan.recalled.contains)))
                AS c(window_id, change, is_recalled)
            WHERE w.window_id = c.window_id AND (c.change <> 0 OR c.is_recalled)
            """,
        ]
    }

    /// Tells the other replicas whose idle money is waited for, and those who wait that it was given back.
    private static func announce(_ plan: GrantPlan, _ round: LeaseRound) -> [SQL] {
        var words: [SQL] = LeaseNews.recalls(of: plan.recalled).map { payload in
            "SELECT pg_notify(\(LeaseNews.channel), \(payload))"
        }
        if !round.standing.recalled.isEmpty {
            words.append("SELECT pg_notify(\(LeaseNews.channel), \(LeaseNews.returned))")
        }
        return words
    }
}
