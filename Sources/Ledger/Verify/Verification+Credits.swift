import Postgres

extension Verification {
    static func credits(_ transaction: borrowing Transaction) throws -> IntegrityCheck {
        let checked: Int64 = try transaction.query("SELECT count(*) FROM credits_drawn('infinity')")[0].decode(at: 0)
        let rows = try transaction.query(
            """
            WITH drawn AS MATERIALIZED (SELECT * FROM credits_drawn('infinity'))
            SELECT 'the credit ' || c.id || ' had ' || c.amount_nanodollars || ' and has paid ' || sum(d.drawn_nanodollars)
            FROM credit c JOIN drawn d ON d.credit_id = c.id
            GROUP BY c.id HAVING sum(d.drawn_nanodollars) NOT BETWEEN 0 AND c.amount_nanodollars
            UNION ALL
            SELECT 'credits have paid ' || p.paid || ' of the calls of ' || team || ' on ' || day || ' of ' || model
                || ', which cost ' || COALESCE(r.cost, 0)
            FROM (SELECT day, team, provider, model, sum(drawn_nanodollars) AS paid FROM drawn GROUP BY 1, 2, 3, 4) p
            LEFT JOIN (
                SELECT day, team, provider, model, sum(effective_cost_nanodollars) AS cost
                FROM rollup WHERE provider IN (SELECT provider FROM credit) GROUP BY 1, 2, 3, 4
            ) r USING (day, team, provider, model)
            WHERE p.paid NOT BETWEEN 0 AND greatest(COALESCE(r.cost, 0), 0)
            LIMIT \(Int64(maximumProblems))
            """)
        return IntegrityCheck(
            claim: "credits have paid no more than they had, and no day more than it cost", checked: Int(checked),
            problems: try texts(rows))
    }
}
