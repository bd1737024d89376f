import Accounting
import Postgres

/// What prepaid credits have paid in a booking month, by day, team and credit.
enum FOCUSCredits {
    /// What came late for closed months is paid on the day before the month, as a correction of them: a closed month has
    /// the same rows as it had while it was open.
    static func charges(_ month: CalendarMonth, _ connection: Connection) throws -> [FOCUSCharge] {
        try connection.query(
            """
            WITH valid AS MATERIALIZED (TABLE credit_day_valid), paid AS (
                SELECT credit_id, greatest(day, booking_month - 1) AS pay_day, team, drawn_nanodollars FROM credit_draw
                WHERE booking_month = \(month.firstDay)
                UNION ALL
                SELECT k.credit_id, k.pay_day, k.team, k.drawn_nanodollars
                FROM valid v, credit_day k JOIN month m ON m.month = k.booking_month AND m.state = 'open'
                WHERE k.booking_month = \(month.firstDay)
                    AND (k.booking_month, k.pay_day) <= (v.booking_month, v.pay_day)
                UNION ALL
                SELECT p.credit_id, greatest(p.day, p.booking_month - 1), p.team, p.drawn_nanodollars
                FROM valid v, credits_pay(v.booking_month, v.pay_day, \(month.firstDay), 'infinity') p
                WHERE p.booking_month = \(month.firstDay)
            )
            SELECT p.credit_id, p.pay_day, p.team, c.provider, sum(p.drawn_nanodollars)
            FROM paid p JOIN credit c ON c.id = p.credit_id
            GROUP BY 1, 2, 3, 4 HAVING sum(p.drawn_nanodollars) <> 0
            ORDER BY p.pay_day, p.team COLLATE "C", c.provider COLLATE "C", p.credit_id COLLATE "C"
            """
        ).map { row in
            let (credit, day, team, provider, drawn) = try row.decode(
                (String, CalendarDay, String, String, Int128).self)
            var charge = FOCUSCharge(kind: .credit(id: credit), team: team, provider: provider, day: day)
            charge.cost = -drawn * FOCUSDecimal.unitsPerNanodollar
            (charge.listCost, charge.contractedCost) = (charge.cost, charge.cost)
            return charge
        }
    }
}
