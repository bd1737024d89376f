import Accounting
import Postgres

/// Checks what prepaid credits have paid.
struct CreditCheck {
    private(set) var result = IntegrityCheck(
        "credits have paid no more than they had, and no day more than it cost")

    /// Checks each credit's sum, and the days of closed months and of those that are not kept yet.
    mutating func check(_ transaction: borrowing Transaction) throws {
        result.checked += Int(
            try transaction.query("SELECT count(*) FROM credits_paid('infinity')")[0].decode(Int64.self, at: 0))
        let rows = try transaction.query(
            """
            WITH paid AS MATERIALIZED (
                SELECT d.day, d.team, d.provider, d.model, d.drawn_nanodollars FROM credit_draw d
                UNION ALL
                SELECT p.day, p.team, p.provider, p.model, p.drawn_nanodollars
                FROM credit_day_valid v, credits_pay(v.booking_month, v.pay_day, 'infinity', 'infinity') p)
            SELECT 'the credit ' || c.id || ' had ' || c.amount_nanodollars || ' nanodollars and has paid ' || sum(d.drawn_nanodollars)
            FROM credit c JOIN credits_paid('infinity') d ON d.credit_id = c.id
            GROUP BY c.id HAVING sum(d.drawn_nanodollars) NOT BETWEEN 0 AND c.amount_nanodollars
            UNION ALL
            SELECT 'credits have paid ' || p.paid || ' nanodollars of the calls of ' || team || ' on ' || day || ' of ' || model
                || ', which cost ' || COALESCE(r.cost, 0)
            FROM (SELECT day, team, provider, model, sum(drawn_nanodollars) AS paid FROM paid GROUP BY 1, 2, 3, 4) p
            LEFT JOIN LATERAL (
                SELECT sum(r.effective_cost_nanodollars) AS cost FROM rollup r
                WHERE r.day = p.day AND r.team = p.team AND r.provider = p.provider AND r.model = p.model
                    AND r.booking_month >= date_trunc('month', p.day)::date
            ) r ON true
            WHERE p.paid NOT BETWEEN 0 AND greatest(COALESCE(r.cost, 0), 0)
            LIMIT \(IntegrityCheck.limit)
            """)
        for row in rows { result.note(try row.decode(String.self, at: 0)) }
    }

    /// Works out the kept days of one booking month anew and compares, in the snapshot of `transaction`.
    mutating func checkKeptDays(_ month: CalendarMonth, _ transaction: borrowing Transaction) throws {
        // Everything before the month is as it is kept, or was found otherwise already.
        let rows = try transaction.query(
            """
            WITH kept AS (
                SELECT k.pay_day, k.team, k.credit_id, k.drawn_nanodollars FROM credit_day_valid v, credit_day k
                WHERE k.booking_month = \(month.firstDay) AND (k.booking_month, k.pay_day) <= (v.booking_month, v.pay_day)
                    AND EXISTS (SELECT FROM month m WHERE m.month = k.booking_month AND m.state = 'open')
            ), paid AS (
                SELECT greatest(p.day, p.booking_month - 1), p.team, p.credit_id, sum(p.drawn_nanodollars)::bigint
                FROM credit_day_valid v, credits_pay(
                    \(month.firstDay), '-infinity', \(month.firstDay),
                    CASE WHEN v.booking_month = \(month.firstDay) THEN v.pay_day ELSE 'infinity' END) p
                WHERE v.booking_month >= \(month.firstDay)
                GROUP BY 1, 2, 3
            )
            SELECT 'what is kept of the credit ' || credit_id || ' for ' || team || ' on ' || pay_day
                || ' is not what it paid'
            FROM ((TABLE kept EXCEPT TABLE paid) UNION ALL (TABLE paid EXCEPT TABLE kept)) d
            LIMIT \(IntegrityCheck.limit)
            """)
        for row in rows { result.note(try row.decode(String.self, at: 0)) }
    }
}
