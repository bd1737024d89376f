import Accounting
import Postgres
import Pricing

/// Which rows of a file are new to the price book.
extension PriceStore {
    /// Returns the rows that were added, in the order of the file.
    static func addLines(
        of file: PriceFile, _ start: Start, _ transaction: borrowing Transaction
    ) throws -> [AddedRow] {
        let lines = file.models.flatMap { model in
            start.lines(model.prices).map { (model: model.name, line: $0) }
        }
        var from = lines.map(\.line.validFrom)
        var until = lines.map(\.line.validUntil)
        var revised: Timestamp?
        switch start {
        case .asWritten: break
        case .at(let moment):
            from = lines.map { _ in moment }
            until = lines.map { _ in nil }
        case .revisions(let moment): revised = moment
        }
        // A row is new unless the price in force when it begins is the same. The price in force comes from the book
        // or from an earlier row of the file, whichever begins later. If both begin at the same moment, the file's row
        // counts, because it is in the book already or is about to supersede the book's row.
        return try transaction.query(
            """
            WITH dated AS (
                SELECT u.*,
                    CASE WHEN EXISTS (SELECT FROM price p WHERE p.provider = \(file.provider) AND p.model = u.model)
                        THEN coalesce(\(revised), u.file_from) ELSE u.file_from END AS valid_from
                FROM unnest(\(lines.map(\.model)), \(lines.map(\.line.meter)), \(lines.map(\.line.serviceTier)),
                    \(lines.map(\.line.aboveContextTokens)), \(lines.map(\.line.region)), \(lines.map(\.line.hours)),
                    \(lines.map(\.line.femtodollarsPerUnit)), \(lines.map(\.line.leastQuantity)), \(from), \(until),
                    \(lines.map { file.sourceText(of: $0.line) })) WITH ORDINALITY
                    AS u(model, meter, tier, above, region, hours, femtodollars, least, file_from, valid_until, source,
                        place)
            ), supersession AS (
                SELECT *, lag(valid_from) OVER earlier AS earlier_from, lag(valid_until) OVER earlier AS earlier_until,
                    lag(femtodollars) OVER earlier AS earlier_femtodollars, lag(least) OVER earlier AS earlier_least
                FROM dated
                WINDOW earlier AS (PARTITION BY model, meter, tier, above, region, hours ORDER BY valid_from, place)
            ), fresh AS (
                SELECT n.*, known.femtodollars_per_unit AS former, known.least_quantity AS former_least
                FROM supersession n
                LEFT JOIN LATERAL (
                    SELECT p.femtodollars_per_unit, p.least_quantity, p.valid_until, p.valid_from, p.price_id FROM price p
                    WHERE p.provider = \(file.provider) AND p.model = n.model AND p.meter = n.meter
                        AND p.service_tier = n.tier AND p.above_context_tokens = n.above AND p.region = n.region
                        AND p.hours = n.hours AND p.valid_from <= n.valid_from
                    UNION ALL
                    SELECT n.earlier_femtodollars, n.earlier_least, n.earlier_until, n.earlier_from, \(Int64.max)
                    WHERE n.earlier_from IS NOT NULL
                    ORDER BY valid_from DESC, price_id DESC LIMIT 1
                ) known ON true
                WHERE known.femtodollars_per_unit IS DISTINCT FROM n.femtodollars
                    OR known.least_quantity IS DISTINCT FROM n.least
                    OR known.valid_until IS DISTINCT FROM n.valid_until
            ), added AS (
                INSERT INTO price (provider, model, meter, service_tier, above_context_tokens, region, hours,
                    femtodollars_per_unit, least_quantity, valid_from, valid_until, source)
                SELECT \(file.provider), model, meter, tier, above, region, hours, femtodollars, least, valid_from,
                    valid_until, source
                FROM fresh ORDER BY place
            )
            SELECT model, meter, tier, above, region, hours, femtodollars, former, least, former_least, valid_from,
                valid_until
            FROM fresh ORDER BY place
            """
        ).map { row in
            let (model, meter, tier, above, region, hours, femtodollars, former, least, formerLeast, from, until) =
                try row.decode(
                    (
                        String, String, String, Int64, String, String, Int64, Int64?, Int64?, Int64?, Timestamp,
                        Timestamp?
                    ).self)
            return AddedRow(
                model: ModelName(provider: file.provider, model: model), meter: meter, serviceTier: tier,
                aboveContextTokens: above, region: region, hours: hours, femtodollarsPerUnit: femtodollars,
                formerFemtodollarsPerUnit: former, leastQuantity: least, formerLeastQuantity: formerLeast,
                validFrom: from, validUntil: until)
        }
    }
}

extension PriceStore.Start {
    /// The lines that apply. As written: all lines. From one moment on: only the last line of each place, which is the
    /// newest.
    func lines(_ lines: [PriceFile.PriceLine]) -> [PriceFile.PriceLine] {
        if case .asWritten = self { return lines }
        var places: Set<PriceFile.PriceLine.Place> = []
        return lines.reversed().filter { places.insert($0.place).inserted }.reversed()
    }
}
