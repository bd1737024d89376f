import Accounting
import Postgres

/// A usage event by its id, with its entry.
struct ReversibleEvent: Sendable {
    let id: String
    let team: String
    let entryID: Int64
    let isTakenBack: Bool

    /// The events of a source that have these ids, of one team or (nil) of whatever team. Keys are kept for some weeks; what is older is looked
    /// for in the ledger.
    static func find(
        _ ids: [String], from source: String, of team: String?, _ connection: Connection
    ) throws -> [ReversibleEvent] {
        let owner = EntryKey.owner(ofEventsFrom: source)
        let recent = try connection.query(
            """
            SELECT l.request_id, l.team, l.entry_id, \(sql: RecordedCall.isTakenBack)
            FROM entry_key k JOIN ledger l ON l.entry_id = k.entry_id
            WHERE k.owner IN (SELECT \(owner) UNION ALL SELECT \(owner) || ' ' || name FROM team) AND k.id = ANY(\(ids))
                AND l.source = \(source) AND l.kind = 'usage' AND l.hold_number IS NULL
                AND (\(team)::text IS NULL OR l.team = \(team))
            ORDER BY l.entry_id
            """
        ).map(ReversibleEvent.init)
        let known = Set(recent.map(\.id))
        let others = ids.filter { !known.contains($0) }
        if others.isEmpty { return recent }
        return try recent
            + connection.query(
                """
                SELECT l.request_id, l.team, l.entry_id, \(sql: RecordedCall.isTakenBack) FROM ledger l
                WHERE l.source = \(source) AND l.request_id = ANY(\(others)) AND l.kind = 'usage' AND l.hold_number IS NULL
                    AND (\(team)::text IS NULL OR l.team = \(team))
                ORDER BY l.entry_id
                """
            ).map(ReversibleEvent.init)
    }

    /// At most `limit` events of a team (nil: of all) that an import has brought and that stand.
    static func standing(
        ofBatch batch: String, of team: String?, limit: Int64, _ connection: Connection
    ) throws -> [ReversibleEvent] {
        try connection.query(
            """
            SELECT l.request_id, l.team, l.entry_id, false \(sql: ofBatch(batch, team))
                AND NOT \(sql: RecordedCall.isTakenBack)
            ORDER BY n.entry_id LIMIT \(limit)
            """
        ).map(ReversibleEvent.init)
    }

    /// How many events of a team (nil: of all) an import has brought, and how many of them were taken back.
    static func count(
        ofBatch batch: String, of team: String?, _ connection: Connection
    ) throws -> (all: Int64, takenBack: Int64) {
        try connection.query(
            """
            SELECT count(*), count(*) FILTER (WHERE \(sql: RecordedCall.isTakenBack)) \(sql: ofBatch(batch, team))
            """)[0].decode((Int64, Int64).self)
    }

    private static func ofBatch(_ batch: String, _ team: String?) -> SQL {
        """
        FROM entry_note n JOIN ledger l ON l.entry_id = n.entry_id AND l.booking_month = n.booking_month
        WHERE n.usage_batch = \(batch) AND l.kind = 'usage' AND (\(team)::text IS NULL OR l.team = \(team))
        """
    }

    /// These events as they are now.
    static func again(_ events: [ReversibleEvent], _ connection: Connection) throws -> [ReversibleEvent] {
        try connection.query(
            """
            SELECT l.request_id, l.team, l.entry_id, \(sql: RecordedCall.isTakenBack) FROM ledger l
            WHERE l.entry_id = ANY(\(events.map(\.entryID))) ORDER BY l.entry_id
            """
        ).map(ReversibleEvent.init)
    }

    private init(_ row: Row) throws {
        (id, team, entryID, isTakenBack) = try row.decode((String, String, Int64, Bool).self)
    }
}

/// A reversal that is ready to be booked.
struct PreparedReversal: Sendable {
    let event: ReversibleEvent
    let entry: ReplaceableEntry

    /// The source of the entries that take usage back.
    private static let source = "reversal"

    /// Those of the events that were not taken back meanwhile.
    static func all(
        of events: [ReversibleEvent], in configuration: Configuration, at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws -> [PreparedReversal] {
        let byEntry = Dictionary(uniqueKeysWithValues: events.map { ($0.entryID, $0) })
        return try RecordedCall.of(events.map(\.entryID), transaction).compactMap { call in
            guard let event = byEntry[call.entryID] else { return nil }
            let entry = try ReplaceableEntry(call, takenBackAt: now, source: source, configuration, transaction)
            // Only a server of a later version knows the call's tier.
            guard let entry else { throw LedgerFailure.unavailable }
            return PreparedReversal(event: event, entry: entry)
        }
    }
}
