import Postgres

/// An index of a partitioned table that was made `ON ONLY` it, which takes no time, and that the partitions still lack.
///
/// PostgreSQL cannot build such an index concurrently. As its manual says (CREATE INDEX, "Building Indexes Concurrently"),
/// it is built on each partition by itself and attached; with the last one the whole is valid. Partitions made since
/// have it.
struct PartitionIndex: Equatable, Sendable {
    let name: String

    /// May be repeated: what is attached stays, and what is built is attached.
    func build(_ connection: Connection) throws {
        for row in try connection.query(
            """
            SELECT quote_ident(p.relname), quote_ident(p.relname || '_' || \(name)),
                CASE WHEN i.indisunique THEN 'UNIQUE INDEX' ELSE 'INDEX' END,
                substring(pg_get_indexdef(i.indexrelid) FROM ' USING .*')
            FROM pg_index i JOIN pg_inherits h ON h.inhparent = i.indrelid JOIN pg_class p ON p.oid = h.inhrelid
            WHERE i.indexrelid = \(name)::regclass AND NOT EXISTS (
                SELECT FROM pg_inherits a JOIN pg_index x ON x.indexrelid = a.inhrelid
                WHERE a.inhparent = i.indexrelid AND x.indrelid = p.oid)
            ORDER BY 1
            """)
        {
            let (partition, built, kind, definition) = try row.decode((String, String, String, String).self)
            try connection.executeScript(
                "CREATE \(kind) CONCURRENTLY IF NOT EXISTS \(built) ON \(partition) \(definition)")
            try connection.executeScript("ALTER INDEX \(name) ATTACH PARTITION \(built)")
        }
    }
}
