import Accounting
import Crypto
import Postgres
import Pricing

extension PriceStore {
    /// Loads the files of `pricing/` that are new or have changed, either all of them or none. Returns what was added.
    /// Throws `PriceExcess` if the price book would become larger than a server takes.
    package static func load(_ resources: ResourceDirectory, _ connection: Connection) throws -> Change {
        var files: [(file: PriceFile, digest: [UInt8])] = []
        for (name, text) in try resources.files(in: "pricing", ending: ".yaml") {
            let digest = Array(SHA256.hash(data: Array(text.utf8)))
            let known = try connection.query("SELECT 1 FROM price_provider WHERE file_digest = \(digest)")
            guard known.isEmpty else { continue }
            files.append((try PriceFile.parse(text, fileName: name), digest))
        }
        guard !files.isEmpty else { return Change() }
        return try connection.transaction { transaction in
            try transaction.execute("LOCK TABLE price IN SHARE ROW EXCLUSIVE MODE")
            var total = Change()
            for (file, digest) in files { try write(file, .asWritten, digest, transaction, adding: &total) }
            try PriceLimits.check(rows(transaction))
            _ = try ConfigurationStore.bump(transaction, prices: true)
            return total
        }
    }

    /// From when the prices of a file apply.
    package enum Start: Sendable {
        case asWritten
        /// From this moment, whatever the file says.
        case at(Timestamp)
        /// As written for a model that has no price so far. From this moment for a model that the book has prices for, so
        /// that earlier charges stay right.
        case revisions(at: Timestamp)
    }

    private struct DryRun: Error { let change: Change }

    /// Adds the rows of these files that differ from the prices in force: all of them, or nothing. Returns the
    /// configuration version, or nil for a dry run. Throws `PriceExcess` if the price book, including its earlier rows,
    /// would become larger than a server takes.
    package static func add(
        _ files: [PriceFile], from start: Start, isDryRun: Bool, _ connection: Connection
    ) throws -> (change: Change, version: Int64?) {
        do {
            return try connection.transaction { transaction in
                try transaction.execute("LOCK TABLE price IN SHARE ROW EXCLUSIVE MODE")
                var change = Change()
                for file in files { try write(file, start, nil, transaction, adding: &change) }
                try PriceLimits.check(rows(transaction))
                if isDryRun { throw DryRun(change: change) }
                let version = try ConfigurationStore.bump(transaction, prices: true)
                return (change, version)
            }
        } catch let dryRun as DryRun {
            return (dryRun.change, nil)
        }
    }

    /// The file with the spelling of models that the book has already: names are compared without capitals.
    private static func spelledAsKnown(
        _ file: PriceFile, _ transaction: borrowing Transaction
    ) throws -> PriceFile {
        let known = try transaction.query(
            "SELECT model FROM price_model WHERE provider = \(file.provider) AND alias_of IS NULL ORDER BY model"
        ).map { try $0.decode(String.self, at: 0) }
        let spellings = Dictionary(known.map { ($0.lowercased(), $0) }) { first, _ in first }
        return file.spelled { spellings[$0.lowercased()] ?? $0 }
    }

    private static func write(
        _ file: PriceFile, _ start: Start, _ digest: [UInt8]?, _ transaction: borrowing Transaction,
        adding total: inout Change
    ) throws {
        // An import beside the shipped file keeps that file's digest. Otherwise the next load would read the shipped
        // file again and undo the import.
        try transaction.execute(
            """
            INSERT INTO price_provider (provider, is_maker, file_digest)
            VALUES (\(file.provider), coalesce(\(file.isMaker), false), \(digest))
            ON CONFLICT (provider) DO UPDATE
            SET is_maker = coalesce(\(file.isMaker), price_provider.is_maker),
                file_digest = coalesce(excluded.file_digest, price_provider.file_digest)
            """)
        let file = try spelledAsKnown(file, transaction)
        let models = file.models
        try transaction.execute(
            """
            INSERT INTO price_model (provider, model, max_input_tokens, max_output_tokens)
            SELECT \(file.provider), * FROM unnest(\(models.map(\.name)), \(models.map(\.maxInputTokens)),
                \(models.map(\.maxOutputTokens)))
            ON CONFLICT (provider, model) DO UPDATE
            SET max_input_tokens = coalesce(excluded.max_input_tokens, price_model.max_input_tokens),
                max_output_tokens = coalesce(excluded.max_output_tokens, price_model.max_output_tokens),
                alias_of = NULL
            """)
        let aliases = models.flatMap { model in model.aliases.map { (alias: $0, target: model.name) } }
        try transaction.execute(
            """
            INSERT INTO price_model (provider, model, alias_of)
            SELECT \(file.provider), * FROM unnest(\(aliases.map(\.alias)), \(aliases.map(\.target)))
            ON CONFLICT (provider, model) DO UPDATE SET alias_of = excluded.alias_of
            """)
        let added = try addLines(of: file, start, transaction)
        total.unchanged += models.reduce(0) { $0 + start.lines($1.prices).count } - added.count
        total.rows += added
    }

    /// Returns the rows that were added, in the order of the file.
    private static func addLines(
        of file: PriceFile, _ start: Start, _ transaction: borrowing Transaction
    ) throws -> [AddedRow] {
        let lines = file.models.flatMap { model in
            start.lines(model.prices).map { (model: model.name, line: $0) }
        }
        let source = "\(file.source) (\(file.retrieved))"
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
                    \(lines.map(\.line.femtodollarsPerUnit)), \(lines.map(\.line.leastQuantity)), \(from), \(until))
                    WITH ORDINALITY
                    AS u(model, meter, tier, above, region, hours, femtodollars, least, file_from, valid_until, place)
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
                    valid_until, \(source)
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
    fileprivate func lines(_ lines: [PriceFile.PriceLine]) -> [PriceFile.PriceLine] {
        if case .asWritten = self { return lines }
        var places: Set<PriceFile.PriceLine.Place> = []
        return lines.reversed().filter { places.insert($0.place).inserted }.reversed()
    }
}
