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

    /// Who changes a budget, and why.
    package struct Author: Sendable {
        package let name: String
        /// Whose budgets it may change.
        package let mayChange: Set<Budget.Owner>
        package let reason: String?

        package init(
            name: String, mayChange: Set<Budget.Owner> = Set(Budget.Owner.allCases), reason: String? = nil
        ) {
            self.name = name
            self.mayChange = mayChange
            self.reason = reason
        }

        /// Whether it speaks for the company, and not for the team whose calls a budget counts.
        var isOfCompany: Bool { mayChange.contains(.company) }

        func requireMayChange(_ owner: Budget.Owner, _ id: String) throws(StoreFailure) {
            guard mayChange.contains(owner) else { throw .ownedByOther(id, owner) }
        }
    }

    /// Creates a budget or changes one. The scope, period, time zone and unit of a budget never change.
    ///
    /// `expecting` is the caller's precondition. `content` renders the budget for its history.
    package static func put(
        _ draft: BudgetDraft, prices: PriceBook, expecting: Expectation?, by author: Author,
        content: @Sendable (Budget) -> String,
        _ connection: Connection
    ) throws -> Stored {
        // Summing what was spent before may take a while, so it is done outside the transaction.
        let isThere = try !connection.query("SELECT 1 FROM budget WHERE id = \(draft.id) AND removed_at IS NULL")
            .isEmpty
        let opening = isThere ? nil : try BudgetOpening.estimate(draft, prices, connection)
        return try connection.transaction { transaction in
            let known = try lock(draft, expecting: expecting, by: author, transaction)
            // Somebody has removed the budget just now.
            if known == nil, opening == nil { throw StoreFailure.versionMismatch }
            let stored = try store(draft, over: known, by: author, transaction)
            try note(stored.number, stored.version, content(stored), by: author, transaction)
            let version = try ConfigurationStore.bump(transaction)
            if known == nil, let opening {
                try BudgetOpening.open(stored, opening, dueVersion: version, transaction)
            }
            return Stored(budget: stored, isNew: known == nil, configurationVersion: version)
        }
    }

    /// What `put` would store. Throws where that would, and changes nothing.
    package static func tryPut(
        _ draft: BudgetDraft, expecting: Expectation?, by author: Author, _ connection: Connection
    ) throws -> Budget {
        struct Tried: Error { let budget: Budget }
        do {
            return try connection.transaction { transaction in
                let known = try lock(draft, expecting: expecting, by: author, transaction)
                // The error takes it back.
                throw Tried(budget: try store(draft, over: known, by: author, transaction))
            }
        } catch let tried as Tried {
            return tried.budget
        }
    }

    private static func store(
        _ draft: BudgetDraft, over known: Budget?, by author: Author, _ transaction: borrowing Transaction
    ) throws -> Budget {
        if let known { return try change(known, draft, by: author, transaction) }
        return try insert(draft, by: author, transaction)
    }

    /// Locks the budget that a draft changes, if there is one, and checks that it may be changed so.
    private static func lock(
        _ draft: BudgetDraft, expecting: Expectation?, by author: Author, _ transaction: borrowing Transaction
    ) throws -> Budget? {
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
        try requireMayPut(draft, over: known, by: author)
        return known
    }

    /// Throws where the author may not make a budget this, or the budget cannot become it.
    static func requireMayPut(_ draft: BudgetDraft, over known: Budget?, by author: Author) throws(StoreFailure) {
        try author.requireMayChange(known?.owner ?? draft.owner ?? .team, draft.id)
        try author.requireMayChange(draft.owner ?? known?.owner ?? .team, draft.id)
        if let allowance = draft.rules.allowance, allowance != known?.rules.allowance, !author.isOfCompany {
            throw .allowanceOfTeam(draft.id)
        }
        if let known { try requireSame(known, draft) }
    }

    /// Writes a version of a budget into its history.
    static func note(
        _ number: Int64, _ version: Int64, _ content: String, by author: Author, _ transaction: borrowing Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO budget_history (budget_number, version, changed_by, reason, content)
            VALUES (\(number), \(version), \(author.name), \(author.reason), \(content))
            """)
    }

    private static func requireSame(_ known: Budget, _ draft: BudgetDraft) throws(StoreFailure) {
        let fixed: [(pointer: String, isSame: Bool)] = [
            ("/scope", known.scope == draft.scope), ("/period", known.period.name == draft.period.name),
            ("/starts_on", known.period == draft.period),
            ("/time_zone", known.zone == draft.zone),
            (draft.unit == .usd ? "/limit_usd" : "/limit_\(draft.unit.rawValue)", known.unit == draft.unit),
        ]
        if let first = fixed.first(where: { !$0.isSame }) {
            throw .invalid(
                pointer: first.pointer,
                detail: "cannot change: scope, period, time zone and unit of a budget stay what they are")
        }
    }

    /// Removes a budget; its windows and history stay. Returns the new configuration version.
    ///
    /// It is this budget or none: one that was made meanwhile under the same id stays.
    package static func remove(
        _ budget: Budget, expecting: Expectation?, by author: Author, _ connection: Connection
    ) throws -> Int64 {
        try connection.transaction { transaction in
            let expected: Int64? = if case .version(let version) = expecting { version } else { nil }
            let removed = try transaction.query(
                """
                UPDATE budget SET removed_at = now(), version = version + 1
                WHERE budget_number = \(budget.number) AND removed_at IS NULL
                    AND version = COALESCE(\(expected), version)
                RETURNING budget_number, version, owner
                """)
            guard let row = removed.first else {
                guard expected == nil else { throw StoreFailure.versionMismatch }
                throw StoreFailure.notFound("There is no budget \(budget.id).")
            }
            let (number, version, owner) = try row.decode((Int64, Int64, String).self)
            try author.requireMayChange(Budget.Owner(rawValue: owner) ?? .company, budget.id)
            try note(number, version, #"{"removed":true}"#, by: author, transaction)
            try BoostStore.end(of: number, transaction)
            try PlannedChangeStore.withdrawAll(of: number, by: author.name, transaction)
            try BudgetRequestStore.withdraw(of: number, by: author.name, transaction)
            return try ConfigurationStore.bump(transaction)
        }
    }

    package struct Change: Sendable {
        /// The team in the scope of the budget.
        package let team: String?
        package let version: Int64
        package let changedAt: Timestamp
        package let changedBy: String
        package let reason: String?
        /// JSON.
        package let content: String
    }

    /// Every version of every budget that had this id, oldest first.
    package static func history(_ id: String, _ connection: Connection) throws -> [Change] {
        try connection.query(
            """
            SELECT b.team, h.version, h.changed_at, h.changed_by, h.reason, h.content
            FROM budget_history h JOIN budget b USING (budget_number)
            WHERE b.id = \(id) ORDER BY h.changed_at, h.budget_number, h.version
            """
        ).map {
            let (team, version, changedAt, changedBy, reason, content) = try $0.decode(
                (String?, Int64, Timestamp, String, String?, String).self)
            return Change(
                team: team, version: version, changedAt: changedAt, changedBy: changedBy, reason: reason,
                content: content)
        }
    }

    /// A budget that this version can read. Throws if it is of a later version, or names a zone that is not known here.
    static func budget(_ row: Row) throws -> Budget {
        let stored = try StoredBudget(row)
        if let why = stored.budget.whyUnreadable { throw StoreFailure.unreadableBudget(stored.budget.id, why: why) }
        return stored.budget
    }
}
