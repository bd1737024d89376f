import Accounting
import Postgres

/// Requests for more of a budget: asked by whoever may read it, decided by whoever may raise it.
package enum BudgetRequestStore {
    /// A request waits so long for an answer.
    private static let openDays: Int32 = 14
    private static let mostListed: Int64 = 1_000
    private static let allowanceName = "the allowance"

    /// The result of a change.
    package struct Stored: Sendable {
        package let request: BudgetRequest
        /// The configuration version that has the boost; nil where nothing has changed.
        package let configurationVersion: Int64?
    }

    package enum Decision: String, Sendable {
        case approved, denied, withdrawn
    }

    /// The newest requests, of one team or of all, in one state or in all.
    package static func list(
        ofTeam team: String?, in state: BudgetRequest.State?, _ connection: Connection
    ) throws -> [BudgetRequest] {
        let ofTeam: SQL = if let team { " AND team = \(team)" } else { "" }
        let inState: SQL = if let state { " AND state = \(state.rawValue)" } else { "" }
        return try connection.query(
            "SELECT * FROM (" + BudgetRequest.statement + ") AS r WHERE true" + ofTeam + inState
                + " ORDER BY request_id DESC LIMIT \(mostListed)"
        ).map(BudgetRequest.init)
    }

    package static func find(_ number: Int64, _ connection: Connection) throws -> BudgetRequest? {
        try connection.query(BudgetRequest.statement + " WHERE q.request_id = \(number)").first.map(BudgetRequest.init)
    }

    /// Asks for more of a budget. What is left of the budget's allowance is approved at once.
    package static func ask(
        _ draft: BoostDraft, of budget: Budget, team: String?, by name: String, _ connection: Connection
    ) throws -> Stored {
        try connection.transaction { transaction in
            let budget = try BudgetStore.lock(budget, transaction)
            let number: Int64 = try transaction.query(
                """
                INSERT INTO budget_request (budget_number, team, amount, starts_at, ends_at, reason, expires_at, made_by)
                VALUES (\(budget.number), \(team), \(draft.amount), \(draft.startsAt), \(draft.endsAt), \(draft.reason),
                    LEAST(\(draft.endsAt), now() + make_interval(days => \(openDays))), \(name))
                RETURNING request_id
                """)[0].decode(at: 0)
            guard try isAllowed(draft, of: budget, transaction) else {
                return Stored(request: try lock(number, transaction), configurationVersion: nil)
            }
            return try approve(number, draft, of: budget, by: allowanceName, reason: nil, transaction)
        }
    }

    /// Whether what is left of the allowance covers a request. What was approved and is still to end counts against it,
    /// and what has ended in this window.
    private static func isAllowed(
        _ draft: BoostDraft, of budget: Budget, _ transaction: borrowing Transaction
    ) throws -> Bool {
        guard let allowance = budget.rules.allowance else { return false }
        let start = budget.window(containing: SystemClock.wallTime()).start
        return try transaction.query(
            """
            SELECT COALESCE(sum(o.amount), 0) + \(draft.amount)::numeric <= \(allowance)
            FROM budget_request q JOIN budget_boost o USING (boost_id)
            WHERE q.budget_number = \(budget.number) AND o.state <> 'withdrawn' AND o.ends_at > \(start)
            """)[0].decode(at: 0)
    }

    /// Decides an open request. To decide it again in the same way changes nothing.
    package static func decide(
        _ decision: Decision, _ number: Int64, of budget: Budget, by author: BudgetStore.Author,
        _ connection: Connection
    ) throws -> Stored {
        try connection.transaction { transaction in
            // All transactions lock budgets before what belongs to them.
            let budget = try BudgetStore.lock(budget, transaction)
            let request = try lock(number, transaction)
            if decision != .withdrawn || request.madeBy != author.name {
                try author.requireMayChange(budget.owner, budget.id)
            }
            guard request.state == .open else {
                // Another reason would be dropped.
                guard request.state.rawValue == decision.rawValue,
                    author.reason == nil || author.reason == request.decisionReason
                else {
                    throw StoreFailure.requestDecided(number, request.state)
                }
                return Stored(request: request, configurationVersion: nil)
            }
            if decision == .approved {
                let draft = BoostDraft(
                    amount: request.amount, startsAt: request.startsAt, endsAt: request.endsAt, reason: request.reason)
                return try approve(number, draft, of: budget, by: author.name, reason: author.reason, transaction)
            }
            try transaction.execute(
                """
                UPDATE budget_request SET state = \(decision.rawValue), decided_by = \(author.name), decided_at = now(),
                    decision_reason = \(author.reason) WHERE request_id = \(number)
                """)
            return Stored(request: try lock(number, transaction), configurationVersion: nil)
        }
    }

    private static func approve(
        _ number: Int64, _ draft: BoostDraft, of budget: Budget, by name: String, reason: String?,
        _ transaction: borrowing Transaction
    ) throws -> Stored {
        let made = try BoostStore.add(draft, to: budget, by: name, transaction)
        try transaction.execute(
            """
            UPDATE budget_request SET state = 'approved', decided_by = \(name), decided_at = now(),
                decision_reason = \(reason), boost_id = \(made.boost.number) WHERE request_id = \(number)
            """)
        return Stored(
            request: try lock(number, transaction), configurationVersion: made.configurationVersion)
    }

    private static func lock(_ number: Int64, _ transaction: borrowing Transaction) throws -> BudgetRequest {
        let rows = try transaction.query(
            BudgetRequest.statement + " WHERE q.request_id = \(number) FOR NO KEY UPDATE OF q")
        guard let row = rows.first else { throw StoreFailure.notFound("There is no request \(number).") }
        return try BudgetRequest(row)
    }

    /// Ends the open requests for a budget that is removed.
    static func withdraw(of budgetNumber: Int64, by name: String, _ transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            UPDATE budget_request SET state = 'withdrawn', decided_by = \(name), decided_at = now()
            WHERE budget_number = \(budgetNumber) AND state = 'open'
            """)
    }
}
