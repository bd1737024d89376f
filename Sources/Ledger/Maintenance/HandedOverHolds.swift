import Accounting
import Postgres

/// Holds that ended replicas have handed over, for any other to end.
enum HandedOverHolds {
    private static let holdsAPortion: Int64 = 1_000

    /// Deletes those that have ended, and returns those that have expired without an end.
    ///
    /// A hold whose token cannot be opened, because its key is gone, can never be ended. It is recorded as unsettled, and
    /// its money returns with the lease (`Reclaim`).
    static func takeExpired(_ holdTokens: HoldTokenCipher, _ connection: Connection) throws -> [Hold] {
        try connection.execute(
            """
            DELETE FROM handed_over WHERE (replica_id, hold_number) IN (
                SELECT h.replica_id, h.hold_number FROM handed_over h JOIN hold_end USING (replica_id, hold_number)
                LIMIT \(holdsAPortion) FOR UPDATE OF h SKIP LOCKED)
            """)
        var expired: [Hold] = []
        var unreadable: [(replicaID: Int64, number: Int64)] = []
        for row in try connection.query(
            """
            SELECT replica_id, hold_number, sealed FROM handed_over h WHERE expires_at <= clock_timestamp()
                AND NOT EXISTS (SELECT FROM hold_extension x WHERE x.replica_id = h.replica_id
                    AND x.hold_number = h.hold_number AND x.expires_at > clock_timestamp())
            ORDER BY expires_at LIMIT \(holdsAPortion)
            """)
        {
            let (replicaID, number, text) = try row.decode((Int64, Int64, String).self)
            if let hold = holdTokens.decrypt(text) {
                expired.append(hold)
            } else {
                unreadable.append((replicaID, number))
            }
        }
        if !unreadable.isEmpty {
            try connection.execute(
                """
                WITH unreadable AS (
                    DELETE FROM handed_over WHERE (replica_id, hold_number) IN (
                        SELECT * FROM unnest(\(unreadable.map(\.replicaID)), \(unreadable.map(\.number))))
                    RETURNING replica_id, hold_number)
                INSERT INTO unsettled (kind, replica_id, hold_number)
                SELECT 'hold', replica_id, hold_number FROM unreadable ON CONFLICT DO NOTHING
                """)
        }
        return expired
    }
}
