import Accounting
import Postgres

/// Which releases of the price book were loaded. The newest is that of the book.
enum PriceReleaseStore {
    /// The release loaded last; nil before the first. Imports since then are counted in its version: `2026.11.28+2`.
    static func newest(_ transaction: borrowing Transaction) throws -> PriceRelease? {
        let rows = try transaction.query(
            """
            SELECT release_id, version, released_on,
                (SELECT count(DISTINCT added_at) FROM price WHERE added_at > loaded_at)
            FROM price_release ORDER BY release_id DESC LIMIT 1
            """
        ).map { try $0.decode((Int64, String, CalendarDay, Int64).self) }
        guard let (id, base, date, imports) = rows.first else { return nil }
        let version = imports == 0 ? base : "\(base)+\(imports)"
        let sources = try transaction.query(
            """
            SELECT source, listed_models, priced_models FROM price_release_source WHERE release_id = \(id) ORDER BY source
            """
        ).map { row in
            let (name, listed, priced) = try row.decode((String, Int64, Int64).self)
            return PriceRelease.Source(name: name, listedModels: listed, pricedModels: priced)
        }
        return PriceRelease(version: version, date: date, sources: sources)
    }

    /// Whether a release of this version was loaded before, now or under a later one.
    static func has(_ version: String, _ connection: Connection) throws -> Bool {
        try !connection.query("SELECT FROM price_release WHERE version = \(version)").isEmpty
    }

    static func add(_ release: PriceRelease, _ transaction: borrowing Transaction) throws {
        let id = try transaction.query(
            """
            INSERT INTO price_release (version, released_on) VALUES (\(release.version), \(release.date))
            RETURNING release_id
            """
        ).map { try $0.decode(Int64.self, at: 0) }[0]
        try transaction.execute(
            """
            INSERT INTO price_release_source (release_id, source, listed_models, priced_models)
            SELECT \(id), * FROM unnest(\(release.sources.map(\.name)), \(release.sources.map(\.listedModels)),
                \(release.sources.map(\.pricedModels)))
            """)
    }
}
