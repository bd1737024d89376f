import Accounting
import Postgres

/// Prepaid credits. A credit is added once and never edited; a wrong credit is withdrawn.
package enum CreditStore {
    /// The advisory lock that is held while a credit is added or withdrawn, and while a month closes
    /// (`keep_credits_drawn`).

    package static func list(_ connection: Connection) throws -> [StoredCredit] {
        try connection.query(statement(where: "true")).map(StoredCredit.init)
    }

    package static func find(_ id: String, _ connection: Connection) throws -> StoredCredit {
        guard let row = try connection.query(statement(where: "c.id = \(id)")).first else { throw unknown(id) }
        return try StoredCredit(row)
    }

    private static func statement(where condition: SQL) -> SQL {
        "SELECT \(unescaped: StoredCredit.columns)"
            + """
             FROM credit c LEFT JOIN credit_withdrawal w ON w.credit_id = c.id
            LEFT JOIN (
                SELECT credit_id, sum(drawn_nanodollars)::bigint AS nanodollars FROM credits_paid('infinity') GROUP BY 1
            ) d ON d.credit_id = c.id
            """ + " WHERE " + condition + " ORDER BY c.id"
    }

    private static func unknown(_ id: String) -> StoreFailure { .notFound("There is no credit \(id).") }

    /// Adds a credit. If the same credit exists already, returns it with `isNew` false.
    package static func add(
        _ credit: Credit, addedBy: String, _ connection: Connection
    ) throws -> (stored: StoredCredit, isNew: Bool) {
        try connection.transaction { transaction in
            try transaction.execute("SELECT pg_advisory_xact_lock(\(AdvisoryLock.credits.rawValue), 0)")
            if let row = try transaction.query(statement(where: "c.id = \(credit.id)")).first {
                let known = try StoredCredit(row)
                try requireSame(known, credit)
                return (known, false)
            }
            if let team = credit.team { try TeamStore.require(team, transaction) }
            try requireOpen(credit.validFrom, transaction)
            try transaction.execute(
                """
                INSERT INTO credit (id, provider, model, team, amount_nanodollars, valid_from, valid_until, note, added_by)
                VALUES (\(credit.id), \(credit.provider), \(credit.model), \(credit.team), \(credit.amount.nanodollars),
                    \(credit.validFrom), \(credit.validUntil), \(credit.note), \(addedBy))
                """)
            return (try StoredCredit(transaction.query(statement(where: "c.id = \(credit.id)"))[0]), true)
        }
    }

    private static func requireSame(_ known: StoredCredit, _ asked: Credit) throws(StoreFailure) {
        guard known.withdrawnAt == nil else { throw .creditWithdrawn(asked.id) }
        let credit = known.credit
        let fields: [(pointer: String, isSame: Bool)] = [
            ("/provider", credit.provider == asked.provider), ("/model", credit.model == asked.model),
            ("/team", credit.team == asked.team), ("/amount_usd", credit.amount == asked.amount),
            ("/valid_from", credit.validFrom == asked.validFrom),
            ("/valid_until", credit.validUntil == asked.validUntil), ("/note", credit.note == asked.note),
        ]
        if let first = fields.first(where: { !$0.isSame }) {
            throw .invalid(
                pointer: first.pointer,
                detail: "cannot change: a credit stays what it is; withdraw it and add another under a new name")
        }
    }

    /// Refuses a credit that starts before the first open month, because closed months were paid without it.
    private static func requireOpen(_ day: CalendarDay, _ transaction: borrowing Transaction) throws {
        let lastClosed = try transaction.query("SELECT max(month) FROM month WHERE state = 'closed'")[0]
            .decode(CalendarDay?.self, at: 0)
        guard let firstOpen = lastClosed?.month.next.firstDay, day < firstOpen else { return }
        throw StoreFailure.invalid(
            pointer: "/valid_from", detail: "must be \(firstOpen) or later, because the months before it are closed")
    }

    /// Withdraws a credit, which then counts as having paid nothing. Throws `StoreFailure.creditDrawn` if the credit
    /// has paid in a closed month. Withdrawing a second time changes nothing.
    package static func withdraw(_ id: String, by name: String, _ connection: Connection) throws {
        try connection.transaction { transaction in
            try transaction.execute("SELECT pg_advisory_xact_lock(\(AdvisoryLock.credits.rawValue), 0)")
            if try transaction.query("SELECT 1 FROM credit WHERE id = \(id)").isEmpty { throw unknown(id) }
            let drawn = try transaction.query("SELECT min(booking_month) FROM credit_draw WHERE credit_id = \(id)")[0]
                .decode(CalendarDay?.self, at: 0)
            if let drawn { throw StoreFailure.creditDrawn(id, in: drawn.month) }
            try transaction.execute(
                "INSERT INTO credit_withdrawal (credit_id, withdrawn_by) VALUES (\(id), \(name)) ON CONFLICT DO NOTHING"
            )
        }
    }
}
