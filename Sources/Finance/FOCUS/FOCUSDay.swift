import Accounting
import Ledger
import Postgres

/// What the charges of one day of a booking month are, from the sums of meters.
///
/// A call costs exactly what its meters cost, and the ledger has that rounded to the nanodollar. Where the two differ, a row
/// of the day, the team and the provider says by how much, so that the rows add up to the ledger.
enum FOCUSDay {
    /// The days that have charges in a booking month: first those of earlier months, whose calls came late.
    static func days(of month: CalendarMonth, _ connection: Connection) throws -> [CalendarDay] {
        try connection.query("SELECT DISTINCT day FROM rollup WHERE booking_month = \(month.firstDay) ORDER BY 1").map {
            try $0.decode(CalendarDay.self, at: 0)
        }
    }

    static func charges(
        on day: CalendarDay, bookedIn month: CalendarMonth, _ connection: Connection
    ) throws -> [FOCUSCharge] {
        var charges: [FOCUSCharge] = []
        var rounding = FOCUSRounding(day: day)
        for row in try connection.query(statement(day, month)) {
            let line = try FOCUSLine(row)
            charges += rounding.finished(before: line)
            rounding.add(line)
            if let charge = line.charge(on: day) { charges.append(charge) }
        }
        return charges + rounding.finished()
    }

    private static func statement(_ day: CalendarDay, _ month: CalendarMonth) -> SQL {
        """
        SELECT m.*, g.name AS agreement,
            COALESCE(p.femtodollars_per_unit, a.femtodollars_per_unit)
                * share_of_tier(m.service_tier, COALESCE(p.service_tier, a.service_tier)) * 10000000 AS list_price,
            CASE WHEN m.agreed_price_id <> 0
                THEN a.femtodollars_per_unit * share_of_tier(m.service_tier, a.service_tier)
                ELSE p.femtodollars_per_unit * share_of_tier(m.service_tier, p.service_tier)
                    * (COALESCE(g.share_millionths, 1000000) * 0.000001) END * 10000000 AS contracted_price
        FROM (
            SELECT team, provider, model, service_tier, region, kind, is_priced, meter, price_id, agreed_price_id,
                agreement_id, sum(quantity) AS quantity, sum(billed_quantity) AS billed_quantity,
                sum(list_cost_femtodollars) * 10000000 AS list_cost,
                sum(effective_cost_femtodollars) * 10000000 AS cost, sum(calls)::bigint AS calls,
                sum(list_cost_nanodollars) AS list_cost_nanodollars,
                sum(effective_cost_nanodollars) AS cost_nanodollars
            FROM (\(sql: MeterSums.rows(of: day, bookedIn: month))) s
            GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
        ) m
        LEFT JOIN price p ON p.price_id = m.price_id
        LEFT JOIN rate_of_agreement a ON a.price_id = m.agreed_price_id
        LEFT JOIN agreement g ON g.agreement_id = NULLIF(m.agreement_id, 0)
        ORDER BY m.team COLLATE "C", m.provider COLLATE "C", m.model COLLATE "C", m.service_tier, m.region COLLATE "C",
            m.kind, m.is_priced DESC, m.meter COLLATE "C", m.price_id, m.agreed_price_id, m.agreement_id
        """
    }
}
