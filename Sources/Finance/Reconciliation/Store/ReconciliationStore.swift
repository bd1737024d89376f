import Accounting
import Crypto
import Ledger
import Postgres

/// Comparisons of providers' files with the ledger. They are added and never edited.
package enum ReconciliationStore {
    /// A file to compare.
    package struct Upload: Sendable {
        package var provider: String
        package var form: ProviderForm
        package var month: CalendarMonth
        package var bytes: [UInt8]
        package var author: String

        package init(
            provider: String, form: ProviderForm, month: CalendarMonth, bytes: [UInt8], author: String
        ) {
            (self.provider, self.form, self.month) = (provider, form, month)
            (self.bytes, self.author) = (bytes, author)
        }

        /// The providers in the ledger whose calls the file bills; nil for all.
        var ledgerProviders: [String]? { ProviderForm(rawValue: provider).map(\.ledgerProviders) ?? [provider] }
    }

    /// Reads a file, compares it with the ledger and keeps what was found.
    ///
    /// - Throws: `ProviderFileFailure` where the file cannot be taken.
    package static func add(
        _ upload: Upload, _ book: PriceBook, zone: Zone, _ connection: Connection
    ) throws -> Int64 {
        let meters = try ProviderMeterStore.all(of: upload.provider, connection)
        let file = try upload.form.read(upload.bytes, meters: meters)
        guard file.hasAmounts || file.lines.isEmpty else {
            throw ProviderFileFailure("the file has usage and no amounts; send the costs, or both in one list")
        }
        let ours = try LedgerDay.all(of: upload.month, providers: upload.ledgerProviders, connection)
        let found = Comparison.reconcile(
            file, with: ours, of: upload.month, providers: upload.ledgerProviders, book, zone: zone)
        guard found.theirsExact.nanodollars != nil else {
            throw ProviderFileFailure("the amounts come to more than the ledger can hold")
        }
        return try insert(found, upload, connection)
    }

    private static func insert(
        _ found: Reconciliation, _ upload: Upload, _ connection: Connection
    ) throws -> Int64 {
        let billed = upload.form == .litellm ? [] : upload.ledgerProviders ?? []
        return try connection.transaction { transaction in
            let id = try transaction.query(
                """
                INSERT INTO reconciliation (month, provider, form, billed_providers, made_by, file_sha256, file_bytes,
                    last_day, ours_nanodollars, theirs_nanodollars, theirs_exact, warnings)
                VALUES (\(upload.month.firstDay), \(upload.provider), \(upload.form.rawValue), \(billed),
                    \(upload.author), \(Array(SHA256.hash(data: upload.bytes))), \(Int64(upload.bytes.count)), \(found.lastDay), \(found.ours),
                    \(found.theirs), \(found.theirsExact.text), \(found.warnings))
                RETURNING reconciliation_id
                """)[0].decode(Int64.self, at: 0)
            let lines = found.lines
            try transaction.execute(
                """
                INSERT INTO reconciliation_line
                SELECT \(id), l.* FROM unnest(\(lines.indices.map { Int64($0 + 1) }), \(lines.map(\.kind.rawValue)),
                    \(lines.map(\.day)), \(lines.map(\.model)), \(lines.map(\.ours)), \(lines.map(\.theirs)),
                    \(lines.map(\.oursTokens)), \(lines.map(\.theirsTokens)), \(lines.map(\.detail))) AS l
                """)
            try keepAcceptances(of: id, upload, transaction)
            return id
        }
    }

    /// A difference that was accepted in the file before and is still the same stays accepted, by whom it was.
    private static func keepAcceptances(of id: Int64, _ upload: Upload, _ transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO reconciliation_acceptance (reconciliation_id, number, accepted_at, accepted_by, reason)
            SELECT l.reconciliation_id, l.number, f.accepted_at, f.accepted_by, f.accepted_reason
            FROM reconciliation_line l JOIN reconciliation_found f
                ON (f.kind, f.ours_nanodollars, f.theirs_nanodollars) = (l.kind, l.ours_nanodollars, l.theirs_nanodollars)
                AND f.day IS NOT DISTINCT FROM l.day AND f.model IS NOT DISTINCT FROM l.model
            WHERE l.reconciliation_id = \(id) AND f.accepted_at IS NOT NULL AND f.reconciliation_id = (
                SELECT max(r.reconciliation_id) FROM reconciliation r
                WHERE r.month = \(upload.month.firstDay) AND r.provider = \(upload.provider)
                    AND r.reconciliation_id < \(id))
            ON CONFLICT DO NOTHING
            """)
    }

    /// The newest first, of each provider and month the newest alone.
    package static func list(month: CalendarMonth?, _ connection: Connection) throws -> [StoredReconciliation] {
        try connection.query(
            StoredReconciliation.statement
                + """
                 WHERE r.reconciliation_id IN (SELECT reconciliation_id FROM reconciliation_newest)
                    AND (\(month?.firstDay)::date IS NULL OR r.month = \(month?.firstDay))
                ORDER BY r.month DESC, r.reconciliation_id DESC
                """
        ).map(StoredReconciliation.init)
    }

    package static func find(
        _ id: Int64, _ connection: Connection
    ) throws -> (StoredReconciliation, [StoredReconciliationLine]) {
        let rows = try connection.query(StoredReconciliation.statement + " WHERE r.reconciliation_id = \(id)")
        guard let row = rows.first else { throw StoreFailure.notFound("There is no reconciliation \(id).") }
        let lines = try connection.query(
            StoredReconciliationLine.statement + " WHERE reconciliation_id = \(id) ORDER BY number"
        ).map(StoredReconciliationLine.init)
        return (try StoredReconciliation(row), lines)
    }

    /// Takes a difference as it is. To accept it again changes nothing.
    package static func accept(
        _ number: Int64, of id: Int64, by author: String, reason: String, _ connection: Connection
    ) throws {
        let rows = try connection.query(
            """
            SELECT kind, ours_nanodollars = theirs_nanodollars FROM reconciliation_line
            WHERE reconciliation_id = \(id) AND number = \(number)
            """)
        guard let row = rows.first else {
            throw StoreFailure.notFound("Reconciliation \(id) has no line \(number).")
        }
        let (kind, isNothing) = try row.decode((String, Bool).self)
        guard !isNothing, kind != ReconciledLine.Kind.matched.rawValue else {
            throw StoreFailure.invalid(pointer: "/number", detail: "is of a line without a difference")
        }
        try connection.execute(
            """
            INSERT INTO reconciliation_acceptance (reconciliation_id, number, accepted_by, reason)
            VALUES (\(id), \(number), \(author), \(reason)) ON CONFLICT DO NOTHING
            """)
    }
}
