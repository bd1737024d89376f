import Accounting
import Crypto
import Postgres
import Pricing

extension PriceStore {
    /// Loads the files of `pricing/` that are new or have changed, either all of them or none. Returns what was added.
    /// Throws `PriceExcess` if the price book would become larger than a server takes.
    package static func load(_ resources: ResourceDirectory, _ connection: Connection) throws -> Change {
        var files: [(file: PriceFile, digest: [UInt8])] = []
        var release = try resources.files(in: "pricing", ending: PriceRelease.fileName).first.map {
            try PriceRelease.parse($0.text)
        }
        for (name, text) in try resources.files(in: "pricing", ending: ".yaml") {
            let digest = Array(SHA256.hash(data: Array(text.utf8)))
            let known = try connection.query("SELECT 1 FROM price_provider WHERE file_digest = \(digest)")
            guard known.isEmpty else { continue }
            files.append((try PriceFile.parse(text, fileName: name), digest))
        }
        if let version = release?.version, try PriceReleaseStore.has(version, connection) { release = nil }
        guard !files.isEmpty || release != nil else { return Change() }
        return try connection.transaction { transaction in
            try transaction.execute("LOCK TABLE price IN SHARE ROW EXCLUSIVE MODE")
            var total = Change()
            for (file, digest) in files {
                try write(file, .asWritten, digest, isOfAllSources: true, transaction, adding: &total)
            }
            try PriceLimits.check(rows(transaction))
            if let release { try PriceReleaseStore.add(release, transaction) }
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
    /// would become larger than a server takes, and `PriceDoubt` if a price is probably a mistake, unless `areMeant`.
    package static func add(
        _ files: [PriceFile], from start: Start, isDryRun: Bool, areMeant: Bool = true, _ connection: Connection
    ) throws -> (change: Change, version: Int64?) {
        do {
            return try connection.transaction { transaction in
                try transaction.execute("LOCK TABLE price IN SHARE ROW EXCLUSIVE MODE")
                var change = Change()
                for file in files { try write(file, start, nil, isOfAllSources: false, transaction, adding: &change) }
                let book = try rows(transaction)
                try PriceLimits.check(book)
                if !areMeant { try PriceDoubt.check(change.rows, in: book) }
                let now = SystemClock.wallTime()
                change.leftOut = files.flatMap { PriceLeftOut.all(of: $0, in: book, at: now) }
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

    static func write(
        _ file: PriceFile, _ start: Start, _ digest: [UInt8]?, isOfAllSources: Bool,
        _ transaction: borrowing Transaction, adding total: inout Change
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
            INSERT INTO price_model (provider, model, max_input_tokens, max_output_tokens, retired_on)
            SELECT \(file.provider), * FROM unnest(\(models.map(\.name)), \(models.map(\.maxInputTokens)),
                \(models.map(\.maxOutputTokens)), \(models.map(\.retired)))
            ON CONFLICT (provider, model) DO UPDATE
            SET max_input_tokens = coalesce(excluded.max_input_tokens, price_model.max_input_tokens),
                max_output_tokens = coalesce(excluded.max_output_tokens, price_model.max_output_tokens),
                retired_on = coalesce(excluded.retired_on, price_model.retired_on),
                alias_of = NULL
            """)
        let aliases = models.flatMap { model in model.aliases.map { (alias: $0, target: model.name) } }
        try transaction.execute(
            """
            INSERT INTO price_model (provider, model, alias_of)
            SELECT \(file.provider), * FROM unnest(\(aliases.map(\.alias)), \(aliases.map(\.target)))
            ON CONFLICT (provider, model) DO UPDATE SET alias_of = excluded.alias_of
            """)
        try PriceDispute.write(file, isOfAllSources: isOfAllSources, transaction)
        let added = try addLines(of: file, start, transaction)
        total.unchanged += models.reduce(0) { $0 + start.lines($1.prices).count } - added.count
        total.rows += added
    }
}
