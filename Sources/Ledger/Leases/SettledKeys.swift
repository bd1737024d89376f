import Accounting
import Postgres

/// The ledger's word on which requests are settled: the keys of their entries.
enum SettledKeys {
    /// Reads which of these requests have their entry. An estimated one settles nothing.
    static func settled(of requests: [RequestName]) -> SQL {
        let keys = requests.map(EntryKey.init(of:))
        return """
            SELECT k.owner, k.id FROM unnest(\(keys.map(\.owner)), \(keys.map(\.id))) AS w(owner, id)
            JOIN entry_key k ON k.owner = w.owner AND k.id = w.id AND NOT k.is_estimated
            """
    }

    static func decode(_ rows: Rows) throws -> Set<RequestName> {
        Set(try requests(rows))
    }

    /// The requests that were settled last, the newest first; no more than `most`. A server that starts remembers them,
    /// so what it does not find within two seconds is no reason not to start.
    static func latest(most: Int, _ connection: Connection) throws -> [RequestName] {
        try connection.transaction { transaction in
            try transaction.execute("SET LOCAL statement_timeout = '2s'")
            return try requests(
                transaction.query(
                    """
                    SELECT owner, id FROM (SELECT owner, id, recorded_at, is_estimated FROM entry_key ORDER BY recorded_at DESC
                        LIMIT \(Int64(most))) AS latest
                    WHERE starts_with(owner, \(EntryKey.teamPrefix)) AND NOT is_estimated ORDER BY recorded_at DESC
                    """))
        }
    }

    private static func requests(_ rows: Rows) throws -> [RequestName] {
        try rows.compactMap { row in
            let (owner, id) = try row.decode((String, String).self)
            return EntryKey(owner: owner, id: id).request
        }
    }
}
