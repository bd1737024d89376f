import Postgres

/// Deletes rows whose promised retention is over.
enum Retention {
    /// Ids are remembered for at least 35 days. Five more days allow for clock differences and long months.
    private static let keyDays: Int64 = 40
    private static let rowsAtOnce: Int64 = 10_000

    /// Deletes rows that are old enough: entry keys, hold outcome rows, empty leases (a bounded number of each) and
    /// handed-over holds. Returns how many.
    static func purge(_ connection: Connection) throws -> Int {
        let keys = try connection.execute(
            """
            DELETE FROM entry_key WHERE ctid = ANY(ARRAY(
                SELECT ctid FROM entry_key WHERE recorded_at < now() - make_interval(days => \(Int32(keyDays)))
                LIMIT \(rowsAtOnce)))
            """)
        // A hold lives one hour at most. This long after, its outcome row no longer decides anything.
        let ends = try connection.execute(
            """
            DELETE FROM hold_end WHERE ctid = ANY(ARRAY(
                SELECT ctid FROM hold_end WHERE ended_at < now() - make_interval(days => \(Int32(keyDays)))
                LIMIT \(rowsAtOnce)))
            """)
        // These replicas ended long ago: nothing is left in their leases, and their last holds have ended.
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
