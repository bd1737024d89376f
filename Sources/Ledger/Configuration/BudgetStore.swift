import Accounting
import Postgres

/// Budgets, their history and their current windows.
package enum BudgetStore {
    /// The budgets that have changed since a snapshot, removed ones among them; without one, all budgets that there are.
    static func changed(since snapshot: String?, _ transaction: borrowing Transaction) throws -> [StoredBudget] {
        let selection: SQL =
            if let snapshot {
                """
                SELECT \(unescaped: StoredBudget.columns) FROM budget
                WHERE changed_in >= pg_snapshot_xmin(\(snapshot)::pg_snapshot)
                    AND NOT pg_visible_in_snapshot(changed_in, \(snapshot)::pg_snapshot)
                """
            } else {
                "SELECT \(unescaped: StoredBudget.columns) FROM budget WHERE removed_at IS NULL"
            }
        return try transaction.query(selection).map { try StoredBudget($0) }
    }

    /// A precondition for changing a budget.
    package enum Expectation: Sendable {
        case exists
        case version(Int64)
    }

    /// The result of changing a budget.
    package struct Stored: Sendable {
        package let budget: Budget
        package let isNew: Bool
        /// The configuration version that every replica must have before the change is answered.
        package let configurationVersion: Int64
    }

    /// Creates a budget or changes one. The scope, period, time zone and unit of a budget never change.
    ///
    /// `models` are the models that the scope's model name means. `expecting` is the caller's precondition. `content`
    /// renders the budget for its history.
    package static func put(
        _ draft: BudgetDraft, models: [ModelName]?, expecting: Expectation?, changedBy: String,
        content: @Sendable (Budget) -> String,
        _ connection: Connection
    ) throws -> Stored {
        // Summing what was spent before may take a while, so it is done outside the transaction.
        let isThere = try !connection.query("SELECT 1 FROM budget WHERE id = \(draft.id) AND removed_at IS NULL")
            .isEmpty
        let opening = isThere ? nil : try BudgetOpening.estimate(draft, models: models, connection)
        return try connection.transaction { transaction in
            if let team = draft.scope.team { try TeamStore.require(team, transaction) }
            // If two requests create the same budget at once, the second changes the budget that the first created.
            try transaction.execute(
                "SELECT pg_advisory_xact_lock(\(AdvisoryLock.budget.rawValue), hashtext(\(draft.id)))")
            let known = try transaction.query(
                "SELECT \(unescaped: StoredBudget.columns) FROM budget WHERE id = \(draft.id) AND removed_at IS NULL FOR NO KEY UPDATE"
            ).first.map(budget)
            switch expecting {
            case .exists where known == nil: throw StoreFailure.versionMismatch
            case .version(let version) where version != known?.version: throw StoreFailure.versionMismatch
            default: break
            }
            let stored: Budget
            if let known {
                try requireSame(known, draft)
                stored = try change(known, draft, transaction)
            } else {
                // Somebody has removed the budget just now.
                guard opening != nil else { throw StoreFailure.versionMismatch }
                stored = try insert(draft, transaction)
            }
            try transaction.execute(
                """
                INSERT INTO budget_history (budget_number, version, changed_by, content)
                VALUES (\(stored.number), \(stored.version), \(changedBy), \(content(stored)))
                """)
            let version = try ConfigurationStore.bump(transaction)
            if known == nil, let opening { try open(stored, opening, dueVersion: version, transaction) }
            return Stored(budget: stored, isNew: known == nil, configurationVersion: version)
        }
    }

    private static func open(
        _ budget: Budget, _ opening: BudgetOpening.Estimate, dueVersion: Int64, _ transaction: borrowing Transaction
    ) throws {
        let window: Int64 = try transaction.query(
            """
            INSERT INTO budget_window (budget_number, starts_at, ends_at, limit_amount, spent, opening_spent,
                opening_due_version)
            VALUES (\(budget.number), \(opening.span.start), \(opening.span.end), \(budget.limit), \(opening.spent),
                \(opening.spent), \(dueVersion))
            RETURNING window_id
            """)[0].decode(at: 0)
        let crossings = budget.alertAt.filter { $0.isReached(by: opening.spent, of: budget.limit) }.map {
            AlertOutbox.Crossing(
                budgetNumber: budget.number, windowID: window, threshold: $0, spent: opening.spent, limit: budget.limit)
        }
        _ = try AlertOutbox.write(crossings, transaction)
    }

    private static func requireSame(_ known: Budget, _ draft: BudgetDraft) throws(StoreFailure) {
        let fixed: [(pointer: String, isSame: Bool)] = [
            ("/scope", known.scope == draft.scope), ("/period", known.period == draft.period),
            ("/time_zone", known.zone == draft.zone),
            (draft.unit == .usd ? "/limit_usd" : "/limit_\(draft.unit.rawValue)", known.unit == draft.unit),
        ]
        if let first = fixed.first(where: { !$0.isSame }) {
            throw .invalid(
                pointer: first.pointer,
                detail: "cannot change: scope, period, time zone and unit of a budget stay what they are")
        }
    }

    private static func insert(_ draft: BudgetDraft, _ transaction: borrowing Transaction) throws -> Budget {
        let scope = draft.scope
        return try transaction.query(
            """
            INSERT INTO budget (id, team, feature, "user", run, model, provider, tag_keys, tag_values, period, time_zone,
                unit, limit_amount, enforcement, unpriced, downgrade_at_millionths, alert_at_millionths)
            VALUES (\(draft.id), \(scope.team), \(scope.feature), \(scope.user), \(scope.run), \(scope.model),
                \(scope.provider), \(scope.tags.map(\.key)), \(scope.tags.map(\.value)), \(draft.period.rawValue),
                \(draft.zone.name), \(draft.unit.rawValue), \(draft.limit), \(draft.enforcement.rawValue),
                \(draft.unpriced.rawValue), \(draft.downgradeAt?.millionths), \(draft.alertAt.map(\.millionths)))
            RETURNING \(unescaped: StoredBudget.columns)
            """
        ).map(budget)[0]
    }

    private static func change(
        _ known: Budget, _ draft: BudgetDraft, _ transaction: borrowing Transaction
    ) throws -> Budget {
        let changed = try transaction.query(
            """
            UPDATE budget SET version = version + 1, limit_amount = \(draft.limit),
                enforcement = \(draft.enforcement.rawValue), unpriced = \(draft.unpriced.rawValue),
                downgrade_at_millionths = \(draft.downgradeAt?.millionths), alert_at_millionths = \(draft.alertAt.map(\.millionths))
            WHERE budget_number = \(known.number)
            RETURNING \(unescaped: StoredBudget.columns)
            """
        ).map(budget)[0]
        // Windows that are over keep their limit.
        let windowIDs = try transaction.query(
            """
            SELECT window_id FROM budget_window
            WHERE budget_number = \(known.number) AND (ends_at IS NULL OR ends_at > clock_timestamp())
            ORDER BY window_id FOR NO KEY UPDATE
            """
        ).map { try $0.decode(Int64.self, at: 0) }
        try transaction.execute(
            """
            UPDATE budget_window SET limit_amount = \(draft.limit), revision = revision + 1
            WHERE window_id = ANY(\(windowIDs))
            """)
        let windows = try transaction.query(
            "SELECT window_id, spent FROM window_total WHERE window_id = ANY(\(windowIDs)) ORDER BY window_id"
        ).map { row -> (id: Int64, spent: Int64) in try row.decode((Int64, Int64).self) }
        try AlertOutbox.rearm(windows, raisedFrom: known.limit, to: draft.limit, transaction)
        let crossings = windows.flatMap { window, spent in
            changed.alertAt.filter { $0.isReached(by: spent, of: draft.limit) }.map {
                AlertOutbox.Crossing(
                    budgetNumber: known.number, windowID: window, threshold: $0, spent: spent, limit: draft.limit)
            }
        }
        _ = try AlertOutbox.write(crossings, transaction)
        return changed
    }

    /// Removes a budget; its windows and history stay. Returns the new configuration version.
    ///
    /// It is this budget or none: one that was made meanwhile under the same id stays.
    package static func remove(
        _ budget: Budget, expecting: Expectation?, changedBy: String, _ connection: Connection
    ) throws -> Int64 {
        try connection.transaction { transaction in
            let expected: Int64? = if case .version(let version) = expecting { version } else { nil }
            let removed = try transaction.query(
                """
                UPDATE budget SET removed_at = now(), version = version + 1
                WHERE budget_number = \(budget.number) AND removed_at IS NULL
                    AND version = COALESCE(\(expected), version)
                RETURNING budget_number, version
                """)
            guard let row = removed.first else {
                guard expected == nil else { throw StoreFailure.versionMismatch }
                throw StoreFailure.notFound("There is no budget \(budget.id).")
            }
            let (number, version) = try row.decode((Int64, Int64).self)
            try transaction.execute(
                """
                INSERT INTO budget_history (budget_number, version, changed_by, content)
                VALUES (\(number), \(version), \(changedBy), '{"removed":true}')
                """)
            return try ConfigurationStore.bump(transaction)
        }
    }

    package struct Change: Sendable {
        /// The team in the scope of the budget.
        package let team: String?
        package let version: Int64
        package let changedAt: Timestamp
        package let changedBy: String
        /// JSON.
        package let content: String
    }

    /// Every version of every budget that had this id, oldest first.
    package static func history(_ id: String, _ connection: Connection) throws -> [Change] {
        try connection.query(
            """
            SELECT b.team, h.version, h.changed_at, h.changed_by, h.content
            FROM budget_history h JOIN budget b USING (budget_number)
            WHERE b.id = \(id) ORDER BY h.changed_at, h.budget_number, h.version
            """
        ).map {
            let (team, version, changedAt, changedBy, content) = try $0.decode(
                (String?, Int64, Timestamp, String, String).self)
            return Change(
                team: team, version: version, changedAt: changedAt, changedBy: changedBy, content: content)
        }
    }

    /// What a window has spent, as of one revision of its row. Within a revision it never shrinks.
    package struct Spent: Sendable {
        package let amount: Int64
        /// What replicas that have ended still lease, for calls that may be running.
        package let leasedByEnded: Int64
        package let revision: Int64
    }

    /// What the current windows of budgets have spent, by budget number.
    package static func spent(
        of budgets: [Budget], at now: Timestamp, _ connection: Connection
    ) throws -> [Int64: Spent] {
        let spans = budgets.map { $0.window(containing: now).start }
        let rows = try connection.query(
            """
            SELECT w.budget_number, w.spent, (\(sql: WindowRows.leasedByEnded)), w.revision FROM window_total w
            JOIN unnest(\(budgets.map(\.number)), \(spans)) AS k(budget_number, starts_at) USING (budget_number, starts_at)
            """)
        return Dictionary(
            uniqueKeysWithValues: try rows.map {
                let (number, amount, leased, revision) = try $0.decode((Int64, Int64, Int64, Int64).self)
                return (number, Spent(amount: amount, leasedByEnded: leased, revision: revision))
            })
    }

    /// A budget that this version can read. Throws if it is of a later version, or names a zone that is not known here.
    private static func budget(_ row: Row) throws -> Budget {
        let stored = try StoredBudget(row)
        if let why = stored.budget.whyUnreadable { throw StoreFailure.unreadableBudget(stored.budget.id, why: why) }
        return stored.budget
    }
}
