import Postgres

/// Usage that was taken back, and is reported again: its id stays taken.
package enum TakenBackUsage {
    /// Those of some entries that were taken back.
    package static func among(_ entryIDs: [Int64], _ connection: Connection) throws -> Set<Int64> {
        if entryIDs.isEmpty { return [] }
        return try Set(
            connection.query(
                """
                SELECT l.entry_id FROM unnest(\(entryIDs)) AS l(entry_id) WHERE \(sql: RecordedCall.isTakenBack)
                """
            ).map { try $0.decode(Int64.self, at: 0) })
    }
}
