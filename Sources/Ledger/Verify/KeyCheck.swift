import Postgres

/// Checks that each id that is still remembered has one entry, with the cost that was answered. An entry that was taken back has
/// left its id to another.
///
/// An id is remembered for 35 days at least. After that it may be used again, for another entry.
struct KeyCheck {
    private static let rememberedDays: Int32 = 35
    private static let keysAtOnce: Int64 = 20_000

    private(set) var result = IntegrityCheck("every id has one entry, with the cost that was answered")
    /// Teams whose features were moved. The id of a call is unique in the team that was named, which the key alone says.
    private let formerTeams: [String]

    init(_ transaction: borrowing Transaction) throws { formerTeams = try FeatureMoveStore.formerTeams(transaction) }

    /// The owner of an entry's key (`l`), as `LedgerEntry.key` makes it.
    private static let owner = """
        CASE WHEN l.corrects_entry_id IS NOT NULL THEN 'entry:' || l.corrects_entry_id
            WHEN l.hold_number IS NULL THEN 'source:' || l.source ELSE 'team:' || l.team END
        """
    /// The owner of an event's key if another team's event has the id.
    private static let ownerOfTeam = "CASE WHEN l.hold_number IS NULL THEN 'source:' || l.source || ' ' || l.team END"
    /// Every owner that the key of an entry may have.
    private var owners: SQL {
        let usual: SQL = "ARRAY[\(unescaped: Self.owner), \(unescaped: Self.ownerOfTeam)]"
        if formerTeams.isEmpty { return usual }
        return usual + """
             || ARRAY(SELECT CASE WHEN l.hold_number IS NULL THEN 'source:' || l.source || ' ' || t ELSE 'team:' || t END
                FROM unnest(\(formerTeams)) AS t WHERE l.corrects_entry_id IS NULL)
            """
    }
    private static let id = "CASE WHEN l.corrects_entry_id IS NOT NULL THEN l.attempt::text ELSE l.request_id END"

    /// Looks for the key of each entry in a range, if the entry is so young that its key must be there.
    mutating func check(after first: Int64, to last: Int64, _ transaction: borrowing Transaction) throws {
        let rows = try transaction.query(
            """
            SELECT 'the id ' || \(unescaped: Self.id) || ' of ' || \(unescaped: Self.owner) || CASE
                WHEN k.entry_id IS NULL THEN ' is not remembered'
                WHEN k.entry_id <> l.entry_id THEN ' has 2 entries'
                ELSE ' was answered with another cost' END
            FROM ledger l LEFT JOIN LATERAL (
                SELECT * FROM entry_key k
                WHERE k.owner = ANY(\(sql: owners)) AND k.id = \(unescaped: Self.id)
                ORDER BY k.entry_id = l.entry_id DESC LIMIT 1) k ON true
            WHERE l.entry_id > \(first) AND l.entry_id <= \(last)
                AND l.recorded_at > now() - make_interval(days => \(Self.rememberedDays))
                -- Only of the few that differ is asked whether they were taken back.
                AND CASE WHEN k.entry_id IS DISTINCT FROM l.entry_id
                        OR k.cost_nanodollars IS DISTINCT FROM l.effective_cost_nanodollars
                    THEN NOT \(sql: RecordedCall.isTakenBack) ELSE false END
            LIMIT \(IntegrityCheck.limit)
            """)
        for row in rows { result.note(try row.decode(String.self, at: 0)) }
    }

    /// The last key of a portion of all keys.
    struct Place {
        var owner = ""
        var id = ""
    }

    /// Looks for the entries of the keys after a place, a portion of them. Returns the last key, or nil at the end.
    mutating func checkKeys(
        after place: Place, _ detached: DetachedMonths, _ transaction: borrowing Transaction
    ) throws -> Place? {
        let portion: SQL = """
            SELECT owner, id, entry_id, cost_nanodollars FROM entry_key
            WHERE (owner, id) > (\(place.owner), \(place.id)) ORDER BY owner, id LIMIT \(Self.keysAtOnce)
            """
        let counted = try transaction.query(
            "SELECT count(*), max(owner), (array_agg(id ORDER BY owner DESC, id DESC))[1] FROM (\(sql: portion)) k")
        let (count, owner, id) = try counted[0].decode((Int64, String?, String?).self)
        guard let owner, let id else { return nil }
        result.checked += Int(count)
        let rows = try transaction.query(
            """
            SELECT 'the id ' || k.id || ' of ' || k.owner || ' was answered with an entry that is not there',
                NOT EXISTS (SELECT FROM ledger x WHERE x.entry_id = k.entry_id)
            FROM (\(sql: portion)) k LEFT JOIN ledger l ON l.entry_id = k.entry_id
                AND k.owner = ANY(\(sql: owners)) AND k.id = \(unescaped: Self.id)
                AND l.effective_cost_nanodollars IS NOT DISTINCT FROM k.cost_nanodollars
            WHERE l.entry_id IS NULL
            """
        ).map { try $0.decode((String, Bool).self) }
        let gone = detached.months.isEmpty ? 0 : rows.count { $0.1 }
        if gone > 0 { gap += gone }
        result.note(rows.filter { !$0.1 || detached.months.isEmpty }.map(\.0))
        return Place(owner: owner, id: id)
    }

    private var gap = 0

    mutating func finish(_ detached: DetachedMonths) {
        if gap > 0 {
            result.gaps.append("\(gap) ids may be of entries of months that are not attached: \(detached.text)")
        }
    }
}
