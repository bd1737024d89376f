import Accounting
import Crypto
import Postgres

/// The price book as it is stored: rows are added, never edited.
package enum PriceStore {
    /// What an import did, or would do.
    package struct Change: Sendable {
        package var added = 0
        package var unchanged = 0
        package var addedModels: [String] = []
    }

    static func book(_ transaction: borrowing Transaction) throws -> PriceBook {
        let makers = try transaction.query("SELECT provider FROM price_provider WHERE is_maker").map {
            try $0.decode(String.self, at: 0)
        }
        var rows: [ModelName: [Price]] = [:]
        for row in try transaction.query(
            """
            SELECT price_id, provider, model, meter, service_tier, above_context_tokens, femtodollars_per_unit,
                valid_from, valid_until
            FROM price ORDER BY provider, model, price_id
            """)
        {
            let price = try price(row)
            rows[price.model, default: []].append(price)
        }
        var models: [ModelPrices] = []
        var aliases: [ModelName: ModelName] = [:]
        for row in try transaction.query("SELECT provider, model, max_output_tokens, alias_of FROM price_model") {
            let (provider, model, maximum, aliasOf) = try row.decode((String, String, Int64?, String?).self)
            let name = ModelName(provider: provider, model: model)
            if let aliasOf {
                aliases[name] = ModelName(provider: provider, model: aliasOf)
            } else {
                models.append(ModelPrices(name: name, maximumOutputTokens: maximum, prices: rows[name] ?? []))
            }
        }
        return PriceBook(models: models, aliases: aliases, makers: Set(makers))
    }

    private static func price(_ row: Row) throws -> Price {
        let (id, provider, model, meter, tier, above, femtodollars, from, until) = try row.decode(
            (Int64, String, String, String, String, Int64, Int64, Timestamp, Timestamp?).self)
        return Price(
            id: id, model: ModelName(provider: provider, model: model), meter: Meter(meter),
            tier: ServiceTier(rawValue: tier) ?? .standard, aboveContextTokens: above,
            femtodollarsPerUnit: femtodollars, validFrom: from, validUntil: until)
    }

    /// A price with where it came from.
    package struct Listed: Sendable {
        package let price: Price
        package let source: String
    }

    package static func list(model: String?, provider: String?, _ connection: Connection) throws -> [Listed] {
        try connection.query(
            """
            SELECT price_id, provider, model, meter, service_tier, above_context_tokens, femtodollars_per_unit,
                valid_from, valid_until, source
            FROM price
            WHERE (\(model)::text IS NULL OR model = \(model)) AND (\(provider)::text IS NULL OR provider = \(provider))
            ORDER BY provider, model, service_tier, above_context_tokens, meter, valid_from, price_id
            """
        ).map { row in
            let (id, provider, model, meter, tier, above, femtodollars, from, until, source) = try row.decode(
                (Int64, String, String, String, String, Int64, Int64, Timestamp, Timestamp?, String).self)
            return Listed(
                price: Price(
                    id: id, model: ModelName(provider: provider, model: model), meter: Meter(meter),
                    tier: ServiceTier(rawValue: tier) ?? .standard, aboveContextTokens: above,
                    femtodollarsPerUnit: femtodollars, validFrom: from, validUntil: until),
                source: source)
        }
    }

    /// Loads the files of `pricing/` that are new or have changed; returns what was added.
    package static func load(_ share: ShareDirectory, _ connection: Connection) throws -> Change {
        var total = Change()
        for (name, text) in try share.files(in: "pricing", ending: ".yaml") {
            let digest = Array(SHA256.hash(data: Array(text.utf8)))
            let known = try connection.query("SELECT 1 FROM price_provider WHERE file_digest = \(digest)")
            guard known.isEmpty else { continue }
            let change = try add(
                PriceFile.parse(text, fileName: name), effectiveFrom: nil, digest: digest, isDryRun: false, connection
            ).change
            total.added += change.added
            total.unchanged += change.unchanged
        }
        return total
    }

    private struct DryRun: Error { let change: Change }

    /// Adds the rows of a file that differ from what is in force; all or nothing. With `effectiveFrom` they hold from
    /// that day instead of the file's own. Returns the configuration's version where anything changed.
    package static func add(
        _ file: PriceFile, effectiveFrom: CalendarDay?, digest: [UInt8]? = nil, isDryRun: Bool, _ connection: Connection
    ) throws -> (change: Change, version: Int64?) {
        do {
            return try connection.transaction { transaction in
                try transaction.execute("LOCK TABLE price IN SHARE ROW EXCLUSIVE MODE")
                let change = try write(file, effectiveFrom, digest, transaction)
                if isDryRun { throw DryRun(change: change) }
                let version = try ConfigurationStore.bump(transaction, prices: true)
                return (change, version)
            }
        } catch let dryRun as DryRun {
            return (dryRun.change, nil)
        }
    }

    private static func write(
        _ file: PriceFile, _ effectiveFrom: CalendarDay?, _ digest: [UInt8]?, _ transaction: borrowing Transaction
    ) throws -> Change {
        try transaction.execute(
            """
            INSERT INTO price_provider (provider, is_maker, file_digest) VALUES (\(file.provider), \(file.isMaker), \(digest))
            ON CONFLICT (provider) DO UPDATE SET is_maker = excluded.is_maker, file_digest = excluded.file_digest
            """)
        let models = file.models
        try transaction.execute(
            """
            INSERT INTO price_model (provider, model, max_input_tokens, max_output_tokens)
            SELECT \(file.provider), * FROM unnest(\(models.map(\.name)), \(models.map(\.maxInputTokens)),
                \(models.map(\.maxOutputTokens)))
            ON CONFLICT (provider, model) DO UPDATE
            SET max_input_tokens = excluded.max_input_tokens, max_output_tokens = excluded.max_output_tokens
            """)
        let aliases = models.flatMap { model in model.aliases.map { (alias: $0, target: model.name) } }
        try transaction.execute(
            """
            INSERT INTO price_model (provider, model, alias_of)
            SELECT \(file.provider), * FROM unnest(\(aliases.map(\.alias)), \(aliases.map(\.target)))
            ON CONFLICT (provider, model) DO UPDATE SET alias_of = excluded.alias_of
            """)
        return try addLines(of: file, effectiveFrom, transaction)
    }

    private static func addLines(
        of file: PriceFile, _ effectiveFrom: CalendarDay?, _ transaction: borrowing Transaction
    ) throws -> Change {
        let lines = file.models.flatMap { model in model.prices.map { (model: model.name, line: $0) } }
        let source = "\(file.source) (\(file.retrieved))"
        let from = lines.map { effectiveFrom?.startUTC ?? CalendarDay(text: $0.line.validFrom)!.startUTC }
        let until = lines.map {
            effectiveFrom == nil ? $0.line.validUntil.flatMap { CalendarDay(text: $0)?.startUTC } : nil
        }
        // A row is new unless the newest one in force on its first day says the same.
        let added = try transaction.query(
            """
            INSERT INTO price (provider, model, meter, service_tier, above_context_tokens, femtodollars_per_unit,
                valid_from, valid_until, source)
            SELECT \(file.provider), n.model, n.meter, n.tier, n.above, n.femtodollars, n.valid_from, n.valid_until, \(source)
            FROM unnest(\(lines.map(\.model)), \(lines.map(\.line.meter)), \(lines.map(\.line.serviceTier)),
                \(lines.map(\.line.aboveContextTokens)), \(lines.map(\.line.femtodollarsPerUnit)), \(from), \(until))
                AS n(model, meter, tier, above, femtodollars, valid_from, valid_until)
            LEFT JOIN LATERAL (
                SELECT p.femtodollars_per_unit, p.valid_until FROM price p
                WHERE p.provider = \(file.provider) AND p.model = n.model AND p.meter = n.meter
                    AND p.service_tier = n.tier AND p.above_context_tokens = n.above AND p.valid_from <= n.valid_from
                ORDER BY p.valid_from DESC, p.price_id DESC LIMIT 1
            ) known ON true
            WHERE known.femtodollars_per_unit IS DISTINCT FROM n.femtodollars
                OR known.valid_until IS DISTINCT FROM n.valid_until
            RETURNING model
            """
        ).map { try $0.decode(String.self, at: 0) }
        return Change(added: added.count, unchanged: lines.count - added.count, addedModels: Set(added).sorted())
    }
}
