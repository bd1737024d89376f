import Accounting
import Postgres

/// What the company's books call what the report `journal` books, and how statements share out the costs of teams without a
/// cost centre.
package struct AccountCodes: Sendable {
    /// What a line of the journal is booked on.
    package enum Account: String, Sendable, CaseIterable { case expense, adjustment, accrual, prepaid }

    /// By what the costs of teams without a cost centre are shared out among the others.
    package enum SharedCostKey: String, Sendable, CaseIterable { case none, cost, calls, tokens, equal }

    package struct Code: Sendable {
        package let account: String
        /// A cost centre or a provider; nil for all that have no code of their own.
        package let name: String?
        package let code: String
        package let changedAt: Timestamp
        package let changedBy: String
    }

    package let codes: [Code]
    package let sharedCostKey: String

    package static func read(_ connection: Connection) throws -> AccountCodes {
        try connection.transaction(isolation: .repeatableRead, readOnly: true) { transaction in
            let codes = try transaction.query(
                """
                SELECT account, NULLIF(name, ''), code, changed_at, changed_by FROM account_code ORDER BY account, name
                """
            ).map { row in
                let (account, name, code, at, author) = try row.decode(
                    (String, String?, String, Timestamp, String).self)
                return Code(account: account, name: name, code: code, changedAt: at, changedBy: author)
            }
            let key: String = try transaction.query("SELECT shared_cost_key FROM deployment")[0].decode(at: 0)
            return AccountCodes(codes: codes, sharedCostKey: key)
        }
    }

    /// - Parameters:
    ///   - name: a cost centre or a provider; nil for all that have no code of their own.
    ///   - code: nil takes the code away.
    package static func set(
        _ account: Account, of name: String?, to code: String?, by author: String, _ connection: Connection
    ) throws {
        guard let code else {
            try connection.execute(
                "DELETE FROM account_code WHERE account = \(account.rawValue) AND name = \(name ?? "")")
            return
        }
        try connection.execute(
            """
            INSERT INTO account_code (account, name, code, changed_by)
            VALUES (\(account.rawValue), \(name ?? ""), \(code), \(author))
            ON CONFLICT (account, name) DO UPDATE SET code = excluded.code, changed_at = now(),
                changed_by = excluded.changed_by
            """)
    }

    package static func share(by key: SharedCostKey, _ connection: Connection) throws {
        try connection.execute("UPDATE deployment SET shared_cost_key = \(key.rawValue)")
    }
}
