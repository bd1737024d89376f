import Postgres

/// Forgets what has been kept for as long as it was promised.
enum Retention {
    /// Ids are remembered for at least 35 days; a few more leave room for clocks and long months.
    private static let keyDays: Int64 = 40
    private static let rowsAtOnce: Int64 = 10_000

    /// Removes a bounded number of keys, terminal rows and empty leases that are old enough; returns how many.
    static func forget(_ connection: Connection) throws -> Int {
        let keys = try connection.execute(
            """
            DELETE FROM entry_key WHERE ctid = ANY(ARRAY(
                SELECT ctid FROM entry_key WHERE recorded_at < now() - make_interval(days => \(Int32(keyDays)))
                LIMIT \(rowsAtOnce)))
            """)
        // A hold lives an hour at most: long after it, its terminal row decides nothing any more.
        let ends = try connection.execute(
            """
            DELETE FROM hold_end WHERE ctid = ANY(ARRAY(
                SELECT ctid FROM hold_end WHERE ended_at < now() - make_interval(days => \(Int32(keyDays)))
                LIMIT \(rowsAtOnce)))
            """)
        // Of replicas that ended long ago nothing is left in their leases, and their last holds have ended.
        let leases = try connection.execute(
            """
            DELETE FROM lease WHERE ctid = ANY(ARRAY(
                SELECT l.ctid FROM lease l JOIN replica r USING (replica_id)
                WHERE l.amount = 0 AND r.state <> 'live' AND r.heartbeat_at < now() - interval '1 day'
                LIMIT \(rowsAtOnce)))
            """)
        let handovers = try connection.execute(
            "DELETE FROM handed_over WHERE expires_at < now() - make_interval(days => \(Int32(keyDays)))")
        return keys + ends + leases + handovers
    }
}
